"""A foreign gRPC peer: grpcio with generic handlers and raw bytes.

    peer.py serve            serves colony.test.Echo on a free port, prints "port N", then one line per event
    peer.py call PORT NAME   runs one scenario against a server and prints "ok NAME"
"""

import sys
import threading
from concurrent import futures

import grpc

SERVICE = "colony.test.Echo"
OPTIONS = [("grpc.max_receive_message_length", 4 << 20), ("grpc.enable_http_proxy", 0)]
BOUND = 60


def say(line):
    print(line, flush=True)


# ---- the server -----------------------------------------------------------------------------------------------------


def metadata(context, key):
    return [v for k, v in context.invocation_metadata() if k == key]


def unary(request, context):
    command = request[:32]
    if command == b"fail":
        context.set_trailing_metadata((("why-bin", b"\x00\x01\xff"), ("why", "text")))
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "größer als 100 %\nzweite Zeile")
    if command == b"raise":
        raise ValueError("secret")
    if command == b"metadata":
        context.send_initial_metadata((("head", metadata(context, "ask")[0]),))
        context.set_trailing_metadata((("tail-bin", metadata(context, "ask-bin")[0]),))
        return b"done"
    if command == b"deadline":
        return str(context.time_remaining()).encode()
    if command == b"hang":
        hang(context)
    return request


def hang(context):
    ended = threading.Event()
    context.add_callback(ended.set)
    say("hanging")
    ended.wait(BOUND)
    say("ended")


def server_streaming(request, context):
    for i in range(len(request)):
        yield request[i : i + 1]


def client_streaming(requests, context):
    return str(sum(len(request) for request in requests)).encode()


def duplex(requests, context):
    for request in requests:
        if request == b"stop":
            context.abort(grpc.StatusCode.ABORTED, "an older generation")
        if request == b"hang":
            hang(context)
        yield request


def serve():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), options=OPTIONS)
    handlers = {
        "Unary": grpc.unary_unary_rpc_method_handler(unary),
        "Server": grpc.unary_stream_rpc_method_handler(server_streaming),
        "Client": grpc.stream_unary_rpc_method_handler(client_streaming),
        "Duplex": grpc.stream_stream_rpc_method_handler(duplex),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    say("port %d" % server.add_insecure_port("127.0.0.1:0"))
    server.start()
    server.wait_for_termination()


# ---- the client -----------------------------------------------------------------------------------------------------


def expect(condition, *what):
    if not condition:
        raise AssertionError(repr(what))


def failure(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call did not fail")


class Scenarios:
    def __init__(self, channel):
        self.channel = channel
        path = "/" + SERVICE + "/"
        self.unary = channel.unary_unary(path + "Unary")
        self.server = channel.unary_stream(path + "Server")
        self.client = channel.stream_unary(path + "Client")
        self.duplex = channel.stream_stream(path + "Duplex")

    def kinds(self):
        large = bytes(range(256)) * 12000
        for message in (b"", b"x", large):
            expect(self.unary(message, timeout=BOUND) == message, len(message))
        expect(b"".join(self.server(large[:3000], timeout=BOUND)) == large[:3000])
        expect(list(self.server(b"", timeout=BOUND)) == [])
        expect(self.client(iter([b"", b"a", large]), timeout=BOUND) == b"%d" % (1 + len(large)))
        sent = [b"", b"a", large, b"b" * 70000]
        expect(list(self.duplex(iter(sent), timeout=BOUND)) == sent)

    def conversation(self):
        answered = threading.Semaphore(0)

        def requests():
            for i in range(50):
                yield b"%d" % i
                expect(answered.acquire(timeout=BOUND), "no answer to", i)

        for i, response in enumerate(self.duplex(requests(), timeout=BOUND)):
            expect(response == b"%d" % i, i, response)
            answered.release()

    def status(self):
        error = failure(lambda: self.unary(b"fail", timeout=BOUND))
        expect(error.code() == grpc.StatusCode.FAILED_PRECONDITION, error)
        expect(error.details() == "größer als 100 %\nzweite Zeile", error.details())
        expect(dict(error.trailing_metadata())["why-bin"] == b"\x00\x01\xff", error.trailing_metadata())
        error = failure(lambda: self.unary(b"raise", timeout=BOUND))
        expect(error.code() == grpc.StatusCode.UNKNOWN and "secret" not in error.details(), error)
        error = failure(lambda: self.channel.unary_unary("/" + SERVICE + "/Absent")(b"", timeout=BOUND))
        expect(error.code() == grpc.StatusCode.UNIMPLEMENTED, error)
        error = failure(lambda: self.unary(b"x" * ((4 << 20) + 1), timeout=BOUND))
        expect(error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED, error)

    def late(self):
        responses = self.duplex(iter([b"a", b"stop", b"b"]), timeout=BOUND)
        expect(next(responses) == b"a")
        error = failure(lambda: next(responses))
        expect(error.code() == grpc.StatusCode.ABORTED and error.details() == "an older generation", error)

    def metadata(self):
        blob = bytes(range(256))
        ask = (("ask", "a, b=c"), ("ask-bin", blob))
        response, call = self.unary.with_call(b"metadata", metadata=ask, timeout=BOUND)
        expect(response == b"done")
        expect(dict(call.initial_metadata())["head"] == "a, b=c", call.initial_metadata())
        expect(dict(call.trailing_metadata())["tail-bin"] == blob, call.trailing_metadata())

    def deadline(self):
        error = failure(lambda: self.unary(b"hang", timeout=0.2))
        expect(error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error)

    def cancel(self):
        responses = self.duplex(iter([b"hang"]), timeout=BOUND)
        expect(next(responses) == b"hang")
        responses.cancel()
        error = failure(lambda: next(responses))
        expect(error.code() == grpc.StatusCode.CANCELLED, error)

    def compressed(self):
        call = self.channel.unary_unary("/" + SERVICE + "/Unary")
        error = failure(lambda: call(b"z" * 5000, timeout=BOUND, compression=grpc.Compression.Gzip))
        expect(error.code() == grpc.StatusCode.UNIMPLEMENTED, error)

    def health(self):
        check = self.channel.unary_unary("/grpc.health.v1.Health/Check")
        expect(check(b"", timeout=BOUND) == b"\x08\x01")
        expect(check(b"\x0a\x05other", timeout=BOUND) == b"\x08\x02")
        error = failure(lambda: check(b"\x0a\x06absent", timeout=BOUND))
        expect(error.code() == grpc.StatusCode.NOT_FOUND, error)
        watch = self.channel.unary_stream("/grpc.health.v1.Health/Watch")(b"\x0a\x05other", timeout=BOUND)
        expect(next(watch) == b"\x08\x02")
        self.unary(b"heal", timeout=BOUND)
        expect(next(watch) == b"\x08\x01")
        watch.cancel()

    def gone(self):
        responses = self.duplex(iter([b"hang"]), timeout=BOUND)
        expect(next(responses) == b"hang")
        say("waiting")
        error = failure(lambda: next(responses))
        expect(error.code() == grpc.StatusCode.UNAVAILABLE, error)


def call(port, name):
    with grpc.insecure_channel("127.0.0.1:" + port, options=OPTIONS) as channel:
        getattr(Scenarios(channel), name)()
    say("ok " + name)


if __name__ == "__main__":
    serve() if sys.argv[1] == "serve" else call(sys.argv[2], sys.argv[3])
