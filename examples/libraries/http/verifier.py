"""A verifier of one's own, in whatever language: the body comes as JSON, the reward goes back as JSON."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Verifier(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        answer = json.dumps({"reward": float(body["answer"] in body["completion"])}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", 5000), Verifier).serve_forever()
