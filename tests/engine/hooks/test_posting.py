"""Deliveries over real HTTP on loopback, and the addresses a webhook may have."""

import base64
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

import pytest
import trustme

from engine.acts.desk import LiveDesk
from engine.acts.settings import Nothing
from engine.duties import Duties
from engine.hooks.acts import AddWebhook, add, list_hooks
from engine.hooks.posting import HttpPost, checked_url, host_of
from engine.hooks.signature import headers, new_secret, signature
from store.errors import InvalidInputError
from store.records import Reason
from tests.engine.hooks.receiver import signed_by
from tests.fakes import one_contact, soap_town


class Server:
    """Answers every request with one status; remembers the last."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.status, self.more = 200, dict[str, str]()
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.asked.append((self.path, dict(self.headers), body))
                self.send_response(server.status)
                for name, value in server.more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(1 << 40))
                self.end_headers()

            def log_message(self, *_args) -> None:
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        if tls is not None:
            self.http.socket = tls.wrap_socket(self.http.socket, server_side=True)
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()
        self.url = f"http{'s' if tls else ''}://localhost:{self.http.server_port}/calls?key=1"

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def test_a_delivery_arrives_whole_and_signed_and_the_answers_body_is_not_waited_for(server):
    secret, body = new_secret(), b'{"type":"job.ended"}'
    answer = HttpPost()(server.url, headers(secret, "msg_1", 1_700_000_000, body), body)
    assert answer.heard
    ((path, heard, content),) = server.asked
    assert (path, content, heard["Content-Type"]) == ("/calls?key=1", body, "application/json")
    assert signed_by(secret, heard, content)


@pytest.mark.parametrize(
    ("status", "heard", "gone", "of_receiver"),
    [(204, True, False, False), (302, False, False, False), (404, False, False, False), (410, False, True, False),
     (429, False, False, True), (503, False, False, True)],
)  # fmt: skip
def test_what_a_status_means(server, status, heard, gone, of_receiver):
    server.status, server.more = status, {"Retry-After": "120", "Location": server.url}
    answer = HttpPost()(server.url, {}, b"{}")
    assert (answer.heard, answer.gone, answer.of_receiver) == (heard, gone, of_receiver)
    assert answer.note == f"answered {status}"
    assert answer.rest_ms == (0 if heard else 120_000)
    assert len(server.asked) == 1, "a redirection is not followed"


def test_a_receiver_that_drips_or_is_not_there_is_trouble_of_its_own():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        answer = HttpPost(seconds=0.05)(url, {}, b"{}")
    assert answer.of_receiver
    assert not answer.heard
    assert HttpPost()(url, {}, b"{}").note.startswith("not reached")


def test_over_https_only_a_receiver_whose_certificate_holds_is_told():
    authority, tls = trustme.CA(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(tls)
    server, known = Server(tls), ssl.create_default_context()
    authority.configure_trust(known)
    try:
        assert HttpPost(known)(server.url, {}, b"{}").heard
        assert HttpPost()(server.url, {}, b"{}").note == "not reached (SSLCertVerificationError)"
    finally:
        server.close()
    assert len(server.asked) == 1


def test_the_signature_is_the_one_of_the_standard_webhooks_scheme():
    """The example that stands in the scheme's own description of its reference libraries."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    assert signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )
    assert len(base64.b64decode(new_secret().removeprefix("whsec_"))) == 32


@pytest.mark.parametrize(
    "url", ["https://10.0.0.7/x", "https://hooks.oak.example:8443/", "http://127.0.0.1:9/", "http://[::1]:9/",
            "http://localhost/"],
)  # fmt: skip
def test_addresses_of_the_districts_own_network_are_as_good_as_others(url):
    assert checked_url(url) == url
    assert "/" not in host_of(url)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.7/", "http://example.org/", "ftp://example.org/", "https://:443/", "https://anna:key@x.example/",
            "https://x.example/#a", "https://x.example/a b", "https://x.example/\n", "https://x.example/" + "a" * 2_000,
            "https://x.exämple/"],
)  # fmt: skip
def test_an_address_that_could_leak_or_be_read_on_the_way_is_refused_without_being_repeated(url):
    with pytest.raises(InvalidInputError) as refused:
        checked_url(url)
    assert url not in str(refused.value)


def test_an_engine_at_work_tells_a_program_over_http_and_ends_though_the_program_hangs(tmp_path):
    """With its duties, as `serve` has them: the first delivery is heard, the second never answered."""
    heard, hangs, over = list[bytes](), threading.Event(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if heard:
                hangs.set()
                over.wait(20)
                return
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args) -> None:
            pass

    family = one_contact("Adams")
    family.mom.cell.answers().presses("0").always()
    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        with soap_town(tmp_path, family) as town:
            url = f"http://127.0.0.1:{http.server_port}/"
            add(LiveDesk(town.engine), AddWebhook(url=url), "anna")
            duties = Duties(town.engine)
            duties.start()
            town.wait(town.send(Reason.GENERAL))
            assert hangs.wait(20)
            duties.stop()
            assert list_hooks(LiveDesk(town.engine), Nothing(), "")[0].waiting >= 1
    finally:
        over.set()
        http.shutdown()
        thread.join()
        http.server_close()
    assert b'"job.released"' in heard[0]
