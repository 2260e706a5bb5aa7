"""Requests of Python's HTTP client, on one connection where it can be kept."""

import http.client
import sys

host, port = sys.argv[1].split(":")
connection = http.client.HTTPConnection(host, int(port), timeout=30)
opened = []
connect = connection.connect
connection.connect = lambda: (opened.append(1), connect())


def exchange(method, path, body=None, headers={}, **options):
    connection.request(method, path, body, headers, **options)
    response = connection.getresponse()
    return response, response.read()


response, body = exchange("GET", "/_sandbox/health")
assert response.status == 200 and len(body) == int(response.headers["Content-Length"]), body
length = response.headers["Content-Length"]
response, body = exchange("HEAD", "/_sandbox/health")
assert (response.status, body, response.headers["Content-Length"]) == (200, b"", length)
response, body = exchange("OPTIONS", "/v2/emails")
assert (response.status, body, response.headers["Allow"]) == (204, b"", "OPTIONS, POST")
response, body = exchange("PATCH", "/accounts/self", b"{}")
assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
response, body = exchange("POST", "/_sandbox/reset", iter([b"{", b"}"]), encode_chunked=True)
assert response.status == 200, body
response, body = exchange("GET", "/_sandbox/export")
assert response.status == 200 and response.chunked is True and body.startswith(b"{"), body
assert len(opened) == 1, "the connection is kept"

response, body = exchange("POST", "/_sandbox/rules", b" " * (40 * 1024 * 1024))
assert (response.status, response.headers["Connection"]) == (413, "close"), body
response, body = exchange("GET", "/_sandbox/health")
assert (response.status, len(opened)) == (200, 2)
