import ArgumentParser
import RewardModel

extension RuntimeChoice: ExpressibleByArgument {}
