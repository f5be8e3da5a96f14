import NIOCore
import NIOHTTP1

/// Answers by the calls that they answer, bounded in number and in bytes; the one asked for least recently goes first.
struct AnswerCache {
    private struct Entry {
        let key: CallKey
        let answer: JudgeAnswer
        /// Towards those asked for more recently.
        var newer: Int?
        var older: Int?
    }

    private let entriesMax: Int
    private let bytesMax: Int
    private var places: [CallKey: Int] = [:]
    private var entries: [Entry?] = []
    private var free: [Int] = []
    private var newest: Int?
    private var oldest: Int?
    private(set) var bytes = 0

    init(entriesMax: Int, bytesMax: Int) {
        self.entriesMax = entriesMax
        self.bytesMax = bytesMax
    }

    var count: Int { places.count }

    mutating func answer(to key: CallKey) -> JudgeAnswer? {
        guard let place = places[key], let entry = entries[place] else { return nil }
        unlink(entry)
        link(entry.key, entry.answer, at: place)
        return entry.answer
    }

    /// Keeps an answer, in the place of an older one to the same call. One that is larger than the cache is not kept.
    mutating func insert(_ answer: JudgeAnswer, for key: CallKey) {
        remove(places[key])
        guard entriesMax > 0, answer.cacheCost <= bytesMax else { return }
        while count >= entriesMax || bytes + answer.cacheCost > bytesMax { remove(oldest) }
        let place = free.popLast() ?? entries.count
        if place == entries.count { entries.append(nil) }
        link(key, answer, at: place)
        places[key] = place
        bytes += answer.cacheCost
    }

    private mutating func remove(_ place: Int?) {
        guard let place, let entry = entries[place] else { return }
        unlink(entry)
        entries[place] = nil
        free.append(place)
        places[entry.key] = nil
        bytes -= entry.answer.cacheCost
    }

    /// Puts an answer in front of all others.
    private mutating func link(_ key: CallKey, _ answer: JudgeAnswer, at place: Int) {
        entries[place] = Entry(key: key, answer: answer, newer: nil, older: newest)
        if let newest { entries[newest]?.newer = place } else { oldest = place }
        newest = place
    }

    private mutating func unlink(_ entry: Entry) {
        if let newer = entry.newer { entries[newer]?.older = entry.older } else { newest = entry.older }
        if let older = entry.older { entries[older]?.newer = entry.newer } else { oldest = entry.newer }
    }
}

extension JudgeAnswer {
    /// Bytes that an answer takes in the cache, with its key and its links.
    fileprivate var cacheCost: Int {
        headers.reduce(256 + body.readableBytes) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    }
}
