// swift-tools-version: 6.2
import PackageDescription

// libFuzzer over the leaf targets, whose folders are linked to here: unsafe flags are for a root package only, and
// nothing else of the project is built. scripts/fuzz.sh runs it.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .unsafeFlags(["-sanitize=fuzzer,address"]),
]

let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")

let package = Package(
    name: "fuzzing",
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.90.0")
    ],
    targets: [
        .target(name: "JSONBytes", dependencies: [nio], swiftSettings: settings),
        .target(name: "OpenEnvWire", dependencies: ["JSONBytes", nio], swiftSettings: settings),
        .systemLibrary(name: "CLibFuzzer"),
        .executableTarget(
            name: "fuzz",
            dependencies: ["CLibFuzzer", "JSONBytes", "OpenEnvWire", nio],
            path: "Sources/Fuzz",
            swiftSettings: settings,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]
        ),
    ]
)
