import CLibFuzzer
import Glibc

/// `FUZZ_TARGET=scan fuzz [libFuzzer's options, files and corpus folders]`; scripts/fuzz.sh is the way to run it.
///
/// The target is named in the environment, and not among the arguments, because libFuzzer starts itself anew with its
/// own arguments when it minimises a crash.
@main enum Fuzz {
    typealias Target = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

    static let targets: [(name: String, run: Target)] = [
        ("scan", { run(scan, $0, $1) }),
        ("splice", { run(splice, $0, $1) }),
        ("reset", { run(reset, $0, $1) }),
        ("walk", { run(walk, $0, $1) }),
        ("encode", { run(encode, $0, $1) }),
    ]

    static func main() {
        let name = getenv("FUZZ_TARGET").map { String(cString: $0) }
        guard let target = targets.first(where: { $0.name == name }) else {
            return print(targets.map(\.name).joined(separator: " "))
        }
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        withUnsafeMutablePointer(to: &arguments) { arguments in
            // The C header's argv may hold null, Swift's own type says so as well, one level further in.
            let arguments = UnsafeMutableRawPointer(arguments).assumingMemoryBound(
                to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self
            )
            exit(LLVMFuzzerRunDriver(&count, arguments, target.run))
        }
    }

    /// libFuzzer's buffers end where the input does, so that the address sanitizer sees a read past it.
    private static func run(
        _ target: (UnsafeRawBufferPointer) -> Void,
        _ bytes: UnsafePointer<UInt8>?,
        _ count: Int
    ) -> CInt {
        target(UnsafeRawBufferPointer(start: bytes, count: count))
        return 0
    }
}

/// Ends the run with the input at hand when a property does not hold.
@inline(__always)
func require(_ holds: Bool, _ property: StaticString) {
    if !holds { fatalError("property does not hold: \(property)") }
}
