extension UnsafeRawBufferPointer {
    /// Whether the string in a span, quotes included, means these characters. Code points are compared, as Python does,
    /// not canonical equivalents.
    func string(_ span: Range<Int>, equals name: UnsafeRawBufferPointer) -> Bool {
        guard span.count >= 2, self[span.lowerBound] == .quote else { return false }
        let inside = UnsafeRawBufferPointer(rebasing: self[span.lowerBound &+ 1..<span.upperBound &- 1])
        // An escape is longer than what it stands for.
        guard inside.count >= name.count else { return false }
        guard inside.contains(.backslash) else { return inside.count == name.count && inside.isSame(as: name) }
        guard let meant = Unescaped(inside), !meant.isLossy else { return false }
        return meant.bytes.withUnsafeBytes { $0.count == name.count && $0.isSame(as: name) }
    }

    private func isSame(as other: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index < count {
            if self[index] != other[index] { return false }
            index &+= 1
        }
        return true
    }
}
