#!/bin/sh
# Whether the completion holds the answer.
exec python3 -c '
import json, sys
body = json.load(sys.stdin)
print(float(body["answer"] in body["completion"]))
'
