// swift-tools-version: 6.2
import PackageDescription

// One block per target, its tests beside it, sorted by name within a layer; one dependency a line.
// ARCHITECTURE.md draws the graph; scripts/tidy.sh checks every import against the lists below.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
    name: "rewardbridge",
    products: [
        .executable(name: "rewardbridge", targets: ["rewardbridge"])
    ],
    traits: [
        .trait(name: "TLS", description: "https and wss environments, through swift-nio-ssl (builds BoringSSL)."),
        .default(enabledTraits: ["TLS"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.90.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.0.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.30.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    ],
    targets: [
        // MARK: - Bytes and words

        .target(
            name: "JSONBytes",
            dependencies: [nio],
            swiftSettings: settings
        ),
        .testTarget(
            name: "JSONBytesTests",
            dependencies: ["JSONBytes", "BridgeTesting", nio],
            swiftSettings: settings
        ),

        .target(
            name: "OpenEnvWire",
            dependencies: ["JSONBytes", nio],
            swiftSettings: settings
        ),
        .testTarget(
            name: "OpenEnvWireTests",
            dependencies: ["OpenEnvWire", "BridgeTesting", "JSONBytes", nio],
            swiftSettings: settings
        ),

        .target(
            name: "RewardModel",
            dependencies: ["JSONBytes"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RewardModelTests",
            dependencies: ["RewardModel", "JSONBytes", nio],
            swiftSettings: settings
        ),

        // MARK: - Scoring

        .target(
            name: "AdapterSeam",
            dependencies: ["RewardModel", "JSONBytes"],
            swiftSettings: settings
        ),

        .target(
            name: "RubricTree",
            dependencies: ["RewardModel"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RubricTreeTests",
            dependencies: ["RubricTree", "RewardModel"],
            swiftSettings: settings
        ),

        .target(
            name: "Scoring",
            dependencies: [
                "AdapterSeam",
                "JSONBytes",
                "RewardModel",
                "RubricTree",
                logging,
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ScoringTests",
            dependencies: [
                "Scoring",
                "AdapterSeam",
                "BridgeTesting",
                "JSONBytes",
                "RewardModel",
                "RubricTree",
                logging,
                nio,
            ],
            swiftSettings: settings
        ),

        .target(
            name: "SelfTest",
            dependencies: ["AdapterSeam", "JSONBytes", "RewardModel"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "SelfTestTests",
            dependencies: ["SelfTest", "AdapterSeam", "JSONBytes", "RewardModel"],
            swiftSettings: settings
        ),

        .target(
            name: "VersionStore",
            dependencies: [
                "RewardModel",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "VersionStoreTests",
            dependencies: ["VersionStore", "RewardModel"],
            swiftSettings: settings
        ),

        .executableTarget(
            name: "composition-bench",
            dependencies: ["AdapterSeam", "JSONBytes", "RewardModel", "Scoring"],
            path: "Benchmarks/Composition",
            swiftSettings: settings
        ),

        // MARK: - Runtimes

        .target(name: "CSpawn"),

        .target(
            name: "WorkerRuntime",
            dependencies: [
                "AdapterSeam",
                "CSpawn",
                "JSONBytes",
                "RewardModel",
                logging,
                nio,
                nioPosix,
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "WorkerRuntimeTests",
            dependencies: ["WorkerRuntime", "AdapterSeam", "BridgeTesting", "JSONBytes", "RewardModel", nio, nioPosix],
            swiftSettings: settings
        ),

        .target(
            name: "RemoteRuntime",
            dependencies: [
                "JSONBytes",
                "RewardModel",
                logging,
                nio,
                nioHTTP1,
                nioPosix,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "DequeModule", package: "swift-collections"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "RemoteRuntimeTests",
            dependencies: [
                "RemoteRuntime",
                "BridgeTesting",
                "JSONBytes",
                "RewardModel",
                logging,
                nio,
                nioHTTP1,
                nioPosix,
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ],
            swiftSettings: settings
        ),

        .target(
            name: "CPython",
            linkerSettings: [.linkedLibrary("dl")]
        ),

        .target(
            name: "PythonEmbedding",
            dependencies: ["CPython", "RewardModel"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PythonEmbeddingTests",
            dependencies: ["CPython", "PythonEmbedding"],
            swiftSettings: settings
        ),

        .target(
            name: "EmbeddedRuntime",
            dependencies: [
                "AdapterSeam",
                "JSONBytes",
                "PythonEmbedding",
                "RewardModel",
                logging,
                nio,
                nioPosix,
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "embedded-trial",
            dependencies: [
                "AdapterSeam",
                "BridgeTesting",
                "EmbeddedRuntime",
                "JSONBytes",
                "PythonEmbedding",
                "RewardModel",
                "WorkerRuntime",
                logging,
            ],
            path: "Tests/EmbeddedTrial",
            swiftSettings: settings
        ),
        .testTarget(
            name: "EmbeddedRuntimeTests",
            dependencies: [
                "EmbeddedRuntime", "AdapterSeam", "BridgeTesting", "JSONBytes", "RewardModel", "embedded-trial",
            ],
            swiftSettings: settings
        ),

        // MARK: - Edges

        .target(
            name: "BridgeConfig",
            dependencies: [
                "RewardModel",
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "BridgeConfigTests",
            dependencies: ["BridgeConfig", "RewardModel"],
            swiftSettings: settings
        ),

        .target(
            name: "Gateway",
            dependencies: [
                "JSONBytes",
                "OpenEnvWire",
                "RewardModel",
                "Scoring",
                logging,
                nio,
                nioHTTP1,
                nioPosix,
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["TLS"])),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway",
                "AdapterSeam",
                "BridgeTesting",
                "JSONBytes",
                "OpenEnvWire",
                "RewardModel",
                "Scoring",
                logging,
                nio,
                nioEmbedded,
                nioHTTP1,
                nioPosix,
            ],
            swiftSettings: settings
        ),

        .target(
            name: "Ledger",
            dependencies: [
                "JSONBytes",
                "RewardModel",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "LedgerTests",
            dependencies: [
                "Ledger",
                "JSONBytes",
                "RewardModel",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: settings
        ),

        .target(
            name: "PythonEnvironments",
            dependencies: [
                "BridgeConfig",
                "JSONBytes",
                "RewardModel",
                "WorkerRuntime",
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "PythonEnvironmentsTests",
            dependencies: ["PythonEnvironments", "JSONBytes", "RewardModel"],
            swiftSettings: settings
        ),

        // MARK: - The command

        .target(
            name: "BridgeCommands",
            dependencies: [
                "AdapterSeam",
                "BridgeConfig",
                "EmbeddedRuntime",
                "Gateway",
                "JSONBytes",
                "Ledger",
                "PythonEmbedding",
                "PythonEnvironments",
                "RemoteRuntime",
                "RewardModel",
                "RubricTree",
                "Scoring",
                "SelfTest",
                "VersionStore",
                "WorkerRuntime",
                logging,
                nio,
                nioPosix,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "rewardbridge",
            dependencies: ["BridgeCommands"],
            swiftSettings: settings
        ),

        // MARK: - Tests across targets

        .target(
            name: "BridgeTesting",
            dependencies: [
                "AdapterSeam",
                "JSONBytes",
                "OpenEnvWire",
                "RewardModel",
                nio,
                nioPosix,
            ],
            swiftSettings: settings
        ),
    ]
)
