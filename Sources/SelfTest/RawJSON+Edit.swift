import JSONBytes

extension RawJSON {
    /// A copy whose members went through a function, which drops those that it gives nil for; anything else as it is.
    func mappingMembers(_ change: (_ name: String, _ value: RawJSON) -> RawJSON?) -> RawJSON {
        guard let members = members() else { return self }
        var writer = JSONWriter(capacity: count)
        writer.beginObject()
        for (name, value) in members {
            guard let changed = change(name, value) else { continue }
            writer.key(name)
            writer.raw(changed)
        }
        writer.endObject()
        return writer.finish()
    }

    func mappingMember(_ name: String, _ change: (RawJSON) -> RawJSON?) -> RawJSON {
        mappingMembers { $0 == name ? change($1) : $1 }
    }

    func dropping(_ name: String) -> RawJSON {
        mappingMember(name) { _ in nil }
    }

    /// A copy whose elements went through a function, which drops those that it gives nil for; anything else as it is.
    func mappingElements(_ change: (_ position: Int, _ element: RawJSON) -> RawJSON?) -> RawJSON {
        guard let elements = elements() else { return self }
        var writer = JSONWriter(capacity: count)
        writer.beginArray()
        for (position, element) in elements.enumerated() {
            if let changed = change(position, element) { writer.raw(changed) }
        }
        writer.endArray()
        return writer.finish()
    }

    static func string(_ text: String) -> RawJSON {
        var writer = JSONWriter(capacity: text.utf8.count + 2)
        writer.string(text)
        return writer.finish()
    }
}
