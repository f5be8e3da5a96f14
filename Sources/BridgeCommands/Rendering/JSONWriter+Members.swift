import JSONBytes

/// Members of objects for machines; what is nil is null, so that every object of a kind has the same keys.
extension JSONWriter {
    mutating func member(_ name: String, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    mutating func member(_ name: String, _ value: Int) {
        key(name)
        int(value)
    }

    mutating func member(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    mutating func member(_ name: String, _ value: Double?) {
        key(name)
        if let value, value.isFinite { double(value) } else { null() }
    }

    mutating func member(_ name: String, _ value: RawJSON?) {
        key(name)
        if let value { raw(value) } else { null() }
    }
}
