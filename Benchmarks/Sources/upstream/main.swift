import Glibc
import Loopback

// An environment that does nothing: `upstream --port 0` prints its port and serves until its input ends.

orDie {
    let (listener, port) = try Socket.listen(port: try Arguments().number("port", default: 0))
    print(port)
    fflush(nil)
    var server = try EnvironmentServer(listener)
    try server.run()
}
