import Glibc
import Loopback

// Steps many sessions in a closed loop, one step in flight in each, and checks every reply.
//
//   loadgen --port 8900 --sessions 16 --warmup 0.5 --seconds 2 --reset JSON --step JSON --reward 0.5 --counted true
//
// After the handshakes, the resets and the warm-up it prints `ready`, and begins when it gets a line. Then it prints what
// it measured as one line of JSON, and holds the sessions until its input ends. So whoever runs it can look at processes
// in between. A reply that is not as it should be ends it with status 1.

orDie {
    let arguments = try Arguments()
    let check = ReplyCheck(
        reward: try arguments.text("reward", default: "0.0"),
        isCounted: try arguments.number("counted", default: false)
    )
    let load = try Load(
        port: try arguments.number("port", default: 0),
        path: try arguments.text("path", default: "/ws"),
        sessions: try arguments.number("sessions", default: 1),
        reset: try arguments.text("reset", default: #"{"type":"reset","data":{}}"#),
        step: try arguments.text("step"),
        check: check
    )
    _ = try load.run(seconds: try arguments.number("warmup", default: 0))
    print("ready")
    fflush(nil)
    _ = readLine()
    print(try load.run(seconds: try arguments.number("seconds", default: 2)).json)
    fflush(nil)
    while readLine() != nil {}
    load.close()
}
