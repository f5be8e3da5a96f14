/// What one run came to.
struct Measurement {
    private let sorted: [UInt32]
    private let nanoseconds: UInt64

    init(latencies: [UInt32], nanoseconds: UInt64) {
        sorted = latencies.sorted()
        self.nanoseconds = nanoseconds
    }

    var json: String {
        let seconds = Double(nanoseconds) / 1e9
        return
            #"{"steps":\#(sorted.count),"seconds":\#(seconds),"p50_us":\#(percentile(50)),"p99_us":\#(percentile(99))}"#
    }

    /// In microseconds; 0 without any step.
    private func percentile(_ percent: Int) -> Double {
        sorted.isEmpty ? 0 : Double(sorted[(sorted.count - 1) * percent / 100]) / 1000
    }
}
