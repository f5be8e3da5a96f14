import BridgeCommands

BridgeMain.run()
