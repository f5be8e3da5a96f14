import JSONBytes
import NIOCore
import Testing

@Suite struct JSONWriterTests {
    @Test func commasAreHandled() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.int(-1)
        writer.key("b")
        writer.beginArray()
        writer.bool(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.double(1)
        writer.raw(RawJSON("[NaN]"))
        writer.endArray()
        writer.key("c")
        writer.string("x")
        writer.endObject()
        #expect(writer.finish().text == #"{"a":-1,"b":[true,null,{},[],1.0,[NaN]],"c":"x"}"#)
    }

    @Test func writesBehindWhatIsThere() {
        var writer = JSONWriter(appendingTo: ByteBuffer(string: "head"))
        writer.beginArray()
        writer.endArray()
        #expect(String(buffer: writer.buffer) == "head[]")
    }

    @Test func stringsAreEscaped() {
        let text = (0...0x7F).map { String(Unicode.Scalar($0)) }.joined() + "é€🙂\u{2028}"
        var writer = JSONWriter()
        writer.string(text)
        let written = writer.finish()
        #expect(written.string() == text)
        #expect(written.text.hasPrefix(#""\u0000\u0001"#))
        #expect(written.text.contains(##"\t\n\u000b\u000c\r\u000e"##))
        #expect(written.text.contains(##" !\"#$"##))
        #expect(written.text.contains(#"[\\]"#))
        #expect(written.text.hasSuffix("~\u{7F}é€🙂\u{2028}\""))
    }

    @Test(arguments: 0...20) func escapesAreFoundAtEveryAlignment(shift: Int) {
        let text = String(repeating: "x", count: shift) + "\u{1F}\"\\" + String(repeating: "é", count: shift)
        var writer = JSONWriter()
        writer.string(text)
        #expect(writer.finish().string() == text)
    }

    @Test func doublesReadBackAndAreFloats() {
        var random = SystemRandomNumberGenerator()
        let some = (0..<2000).map { _ in Double(bitPattern: random.next()) }.filter(\.isFinite)
        let edges = [
            0, -0.0, 1, 0.1, 1e16, 1e22, 1e23, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e-5, 123_456_789,
            1 / 3,
        ]
        for value in edges + some {
            var buffer = ByteBuffer()
            JSONWriter.appendDouble(value, to: &buffer)
            let written = RawJSON(buffer)
            #expect(written.double()?.bitPattern == value.bitPattern)
            // A point or an exponent, so that Python reads a float and not an int.
            #expect(written.int() == nil && written.text.contains(where: { ".e".contains($0) }), "\(written.text)")
        }
    }

    @Test func numbersThatAreNotFiniteAreRefused() async {
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            JSONWriter.appendDouble(.nan, to: &buffer)
        }
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer()
            JSONWriter.appendDouble(-.infinity, to: &buffer)
        }
    }
}
