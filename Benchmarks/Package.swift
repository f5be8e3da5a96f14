// swift-tools-version: 6.2
import PackageDescription

// A package of its own: no dependency, so that it builds in seconds and measures nothing but sockets.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "benchmarks",
    products: [
        .executable(name: "handover", targets: ["handover"]),
        .executable(name: "loadgen", targets: ["loadgen"]),
        .executable(name: "upstream", targets: ["upstream"]),
    ],
    targets: [
        .systemLibrary(name: "CEpoll"),
        .target(name: "Loopback", dependencies: ["CEpoll"], swiftSettings: settings),
        .executableTarget(name: "handover", dependencies: ["CEpoll"], swiftSettings: settings),
        .executableTarget(name: "loadgen", dependencies: ["Loopback"], swiftSettings: settings),
        .executableTarget(name: "upstream", dependencies: ["Loopback"], swiftSettings: settings),
    ]
)
