import ArgumentParser
import BridgeConfig

extension RuntimeChoice: ExpressibleByArgument {}
