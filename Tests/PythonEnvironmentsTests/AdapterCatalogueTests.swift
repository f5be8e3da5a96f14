import JSONBytes
import RewardModel
import Testing

@testable import PythonEnvironments

@Suite("The catalogue of adapters")
struct AdapterCatalogueTests {
    private static let text = """
        {"python": "3.11.7", "adapters": [{"name": "maths", "library": "Maths", "units": ["episode"], "live": "as it is", \
        "requirements": ["maths==1.*"], "without_dependencies": [], "python": ">=3.10", "installed": "1.2", \
        "tested": "1.1", "embedded": true}, {"name": "theirs", "adapter": "theirs.module:Adapter"}]}
        """

    private func catalogue() throws -> AdapterCatalogue {
        try #require(AdapterCatalogue(RawJSON(text: Self.text)))
    }

    @Test("An entry holds what the catalogue says; of others' adapters there is a name alone")
    func entries() throws {
        let catalogue = try catalogue()
        #expect(catalogue.python == "3.11.7")
        let about = try #require(catalogue.adapters[0].about)
        #expect(about.requirements == ["maths==1.*"] && about.installed == "1.2" && about.isEmbeddable)
        #expect(catalogue.adapters[1].name == "theirs" && catalogue.adapters[1].about == nil)
    }

    @Test(
        "A catalogue of another form is none",
        arguments: ["", "[]", #"{"python": "3.11"}"#, #"{"adapters": []}"#, "text"]
    )
    func otherForm(text: String) {
        #expect(AdapterCatalogue(RawJSON(text: text)) == nil)
    }

    @Test("A catalogue with one entry of another form is none")
    func otherFormOfAnEntry() {
        let text = Self.text.replacing(#""python": ">=3.10""#, with: #""python": "three""#)
        #expect(AdapterCatalogue(RawJSON(text: text)) == nil)
    }

    @Test("Adapters are found by name, in the names' order, each once")
    func named() throws {
        #expect(try catalogue().adapters(named: ["theirs", "maths", "theirs"]).map(\.name) == ["theirs", "maths"])
    }

    @Test("An unknown name gets what there is, and the nearest")
    func unknown() throws {
        let error = #expect(throws: BridgeError.self) { try catalogue().adapters(named: ["mahts"]) }
        #expect(error?.message == "could not find adapter 'mahts': there are maths, theirs")
        #expect(error?.hint == "did you mean 'maths'?")
    }
}
