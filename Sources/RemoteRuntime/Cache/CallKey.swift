import Crypto
import JSONBytes
import NIOHTTP1

/// A digest of everything that decides a judge's answer to a call.
///
/// Two calls whose bodies differ only in white space and in the order of their outermost members are the same. The
/// order of members further in may decide: a model writes the properties of a schema in the order in which they stand
/// there.
struct CallKey: Hashable, Sendable {
    private let digest: SHA256Digest

    /// - Parameter members: of the request's body.
    init(_ request: JudgeRequest, members: [JSONMember], endpoint: String, generation: Int) {
        var hash = SHA256()
        let head = [
            endpoint, String(generation), request.route.method.rawValue, request.route.rawValue, request.query,
            request.contentType ?? "", request.accept ?? "",
        ]
        for part in head { hash.update(framed: Array(part.utf8)) }
        // Stable, so that of members with one name the last stays the last.
        for member in members.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            hash.update(framed: Array(member.name.utf8))
            hash.update(framed: member.value.compacted)
        }
        digest = hash.finalize()
    }
}

extension SHA256 {
    /// Adds bytes with their count before them, so that no two lists of parts look the same.
    fileprivate mutating func update(framed bytes: [UInt8]) {
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { update(bufferPointer: $0) }
        update(data: bytes)
    }
}
