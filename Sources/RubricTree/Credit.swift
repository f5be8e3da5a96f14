import Glibc
package import RewardModel

/// How an episode's score is handed down to its steps.
package struct Credit: Sendable, Hashable {
    package let method: CreditMethod
    /// From 0 to 1; read by ``CreditMethod/discounted``.
    package let discount: Double

    package init(_ method: CreditMethod, discount: Double = 1) {
        self.method = method
        self.discount = discount
    }

    /// What each step gets, the first one first.
    ///
    /// Discounted: step t of n gets `score * discount^(n - t)`, as `compute_step_rewards()` of OpenEnv's
    /// `ExponentialDiscountingTrajectoryRubric` (`openenv.core.rubrics.trajectory`, 0.10.0).
    package func shares(of score: Double, steps: Int) -> [Double] {
        switch method {
        case .final: (0..<steps).map { $0 == steps - 1 ? score : 0 }
        case .equal: (0..<steps).map { _ in score / Double(steps) }
        // Python's `gamma ** n` is the C library's pow too, so that the bits are the same.
        case .discounted: (0..<steps).map { score * pow(discount, Double(steps - 1 - $0)) }
        }
    }
}
