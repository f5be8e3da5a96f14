/// The settings of the embedded runtime. The configuration owns their defaults.
package struct EmbeddedOptions: Sendable, Hashable {
    /// How long a call may run; it is interrupted then.
    package var callTimeout: Duration
    /// How long an interrupted call may go on before the interpreter is given up.
    package var wedgedAfter: Duration
    /// How long loading a component may take.
    package var loadTimeout: Duration
    /// Calls that wait or run; more are `failed(overloaded)`.
    package var queueMax: Int
    /// The folder that holds the Python package `rewardbridge`.
    package var adapters: String

    package init(
        callTimeout: Duration,
        wedgedAfter: Duration,
        loadTimeout: Duration,
        queueMax: Int,
        adapters: String
    ) {
        self.callTimeout = callTimeout
        self.wedgedAfter = wedgedAfter
        self.loadTimeout = loadTimeout
        self.queueMax = queueMax
        self.adapters = adapters
    }
}
