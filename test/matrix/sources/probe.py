"""What the matrix asks of every program, in Python: see ../probe.ts."""
import http.server
import os
import socket
import sys
import urllib.request

what, *rest = sys.argv[1:]


def udp(host, port, text):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.settimeout(5)
        datagrams.sendto(text.encode(), (host, int(port)))
        answer, sender = datagrams.recvfrom(4096)
        assert sender[0] == socket.gethostbyname(host), f"{sender} answered"
        print(answer.decode())


def serve(port, text):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("", int(port)), Handler)
    print("serving", flush=True)
    server.serve_forever()


if what == "env":
    print(os.environ[rest[0]])
elif what == "cat":
    sys.stdout.write(open(rest[0]).read())
elif what == "ls":
    print("\n".join(os.listdir(rest[0])))
elif what == "tcp":
    print(urllib.request.urlopen(f"http://{rest[0]}:{rest[1]}/items", timeout=5).read().decode())
elif what == "udp":
    udp(*rest)
elif what == "resolve":
    print("\n".join({found[4][0] for found in socket.getaddrinfo(rest[0], None)}))
elif what == "serve":
    serve(*rest)
elif what == "exit":
    sys.exit(int(rest[0]))
