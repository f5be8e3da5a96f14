import JSONBytes
import NIOCore

/// A member of an object as its text, whatever the name means.
struct PlainMember: Equatable {
    let name: RawJSON
    let value: RawJSON
    /// The name means `rewardbridge`, however it is spelt.
    let isOwn: Bool

    /// - Returns: nil when the text is no object, or one that breaks off.
    static func members(of json: RawJSON) -> [PlainMember]? {
        json.bytes.withUnsafeReadableBytes { text in
            var cursor = JSONCursor(text)
            guard cursor.enterObject() else { return nil }
            var members: [PlainMember] = []
            while let key = cursor.nextKey() {
                let value = cursor.value()
                guard let nameText = json.slice(key), let valueText = json.slice(value) else { return nil }
                let isOwn = cursor.string(key, equals: "rewardbridge")
                members.append(PlainMember(name: nameText, value: valueText, isOwn: isOwn))
            }
            return cursor.reachesEnd() ? members : nil
        }
    }
}
