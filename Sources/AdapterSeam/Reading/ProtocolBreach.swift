/// How the Python half broke the contract of RFC 002. The text holds nothing that it wrote but names and numbers.
package struct ProtocolBreach: Error {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }
}
