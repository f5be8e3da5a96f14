import GRDB
import GRDBSQLite
import JSONBytes
import RewardModel

/// A statement that is run for many rows, on its database's queue: its values are bound one after the other, in the
/// order of the placeholders.
///
/// GRDB's arguments, an array of existential values that becomes an array of enums and a dictionary, were a third of
/// what a row cost; SQLite is called here as GRDB calls it in the end.
struct BoundStatement {
    private let database: Database
    private let statement: Statement
    private let texts: BoundTexts
    private var index: CInt = 0
    private var failure: CInt?

    /// `SQLITE_TRANSIENT`, which the importer does not know: SQLite copies the text before it returns.
    private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(_ sql: String, in database: Database, texts: BoundTexts) throws {
        self.database = database
        self.texts = texts
        statement = try database.cachedStatement(sql: sql)
        clear()
    }

    mutating func bind(_ value: Int64?) { bind(value) { sqlite3_bind_int64($0, $1, $2) } }

    mutating func bind(_ value: Int) { bind(Int64(value)) }

    mutating func bind(_ value: Bool) { bind(value ? 1 : 0) }

    mutating func bind(_ value: Double?) { bind(value) { sqlite3_bind_double($0, $1, $2) } }

    mutating func bind(_ value: String?) {
        bind(value) { [texts] statement, index, value in
            var value = value
            return value.withUTF8 { text in
                if let kept = texts.keep(text) { return Self.bind(kept, to: statement, index, nil) }
                return Self.bind(UnsafeRawBufferPointer(text), to: statement, index, Self.copied)
            }
        }
    }

    mutating func bind(_ value: RawJSON?) { bind(value?.text) }

    mutating func bind(_ duration: Duration?) { bind(duration.map(\.microseconds)) }

    /// Runs it with what was bound, which is forgotten.
    mutating func run() throws {
        defer { clear() }
        let code = failure ?? sqlite3_step(statement.sqliteStatement)
        guard code == SQLITE_DONE else {
            let reason = failure == nil ? database.lastErrorMessage : nil
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: reason, sql: statement.sql)
        }
    }

    /// A nil is what an unbound placeholder is: NULL (https://sqlite.org/c3ref/bind_blob.html).
    private mutating func bind<Value>(_ value: Value?, _ body: (OpaquePointer, CInt, Value) -> CInt) {
        index += 1
        guard let value else { return }
        let code = body(statement.sqliteStatement, index, value)
        // Too large a value, or no memory for it.
        if code != SQLITE_OK { failure = failure ?? code }
    }

    private static func bind(
        _ text: UnsafeRawBufferPointer,
        to statement: OpaquePointer,
        _ index: CInt,
        _ release: sqlite3_destructor_type?
    ) -> CInt {
        text.withMemoryRebound(to: CChar.self) {
            sqlite3_bind_text64(statement, index, $0.baseAddress, UInt64($0.count), release, UInt8(SQLITE_UTF8))
        }
    }

    private mutating func clear() {
        sqlite3_reset(statement.sqliteStatement)
        sqlite3_clear_bindings(statement.sqliteStatement)
        texts.forget()
        index = 0
        failure = nil
    }
}

/// Memory for the texts of one row, until its statement has run: SQLite would allocate each copy, behind a lock. Shared
/// by statements of which one at a time is bound; a new ``BoundStatement`` forgets what an older one was left with.
final class BoundTexts {
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
    private var used = 0

    deinit {
        memory.deallocate()
    }

    /// - Returns: nil when there is no room.
    func keep(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeRawBufferPointer? {
        guard text.count <= memory.count - used else { return nil }
        let place = UnsafeMutableRawBufferPointer(rebasing: memory[used..<used + text.count])
        place.copyMemory(from: UnsafeRawBufferPointer(text))
        used += text.count
        return UnsafeRawBufferPointer(place)
    }

    func forget() {
        used = 0
    }
}

extension Duration {
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
