import JSONBytes

/// The object that every message on `/ws` is: `{"type": ..., "data": ...}`. Of members of one name the last counts.
struct Envelope {
    var type: Range<Int>?
    var data: Range<Int>?

    /// Walks a message once.
    ///
    /// - Parameter visit: is given the cursor at the value of each `data`, and must take or leave it.
    /// - Returns: nil when the text is no object or malformed.
    @inline(__always)
    static func walk(_ cursor: inout JSONCursor, visit: (inout JSONCursor) -> Void) -> Envelope? {
        guard cursor.enterObject() else { return nil }
        var envelope = Envelope()
        while let key = cursor.nextKey() {
            if cursor.string(key, equals: "data") {
                let start = cursor.offset
                visit(&cursor)
                envelope.data = start..<cursor.offset
            } else {
                let value = cursor.value()
                if cursor.string(key, equals: "type") { envelope.type = value }
            }
        }
        return cursor.reachesEnd() ? envelope : nil
    }

    /// The kind that `type` names; nil when it names none of these.
    func kind<Kind>(of names: [(name: StaticString, kind: Kind)], in cursor: JSONCursor) -> Kind? {
        type.flatMap { type in names.first { cursor.string(type, equals: $0.name) }?.kind }
    }
}
