"""`digestd doctor` asks a real mail server, a real DNS server and a real web server, and changes nothing."""

import asyncio
import json
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digestd.cli.doctor_finding import Finding
from digestd.cli.doctor_mail import names
from digestd.cli.doctor_spf import judged
from digestd.cli.doctor_web import clock, source
from digestd.config import Places, load_settings
from digestd.model.source import Failed, Fetched
from digestd.rendering import rsa_key
from digestd.transports.records import Records
from tests.sources.documents import arxiv_item, rss
from tests.support.builders import NOON
from tests.support.dns import serving
from tests.support.fakes import FakeSource, announces
from tests.support.ports import free_port
from tests.support.site import SETTINGS, Site, asking_arxiv, make_site
from tests.support.smtp import SmtpServer, certificate
from tests.support.web import Site as Web

Zone = Mapping[str, Sequence[str]]

SPF, DMARC = "v=spf1 ip4:192.0.2.1 -all", "v=DMARC1; p=reject"
GOOD = {"example.org": [SPF, "some other text"], "_dmarc.example.org": [DMARC]}
SMTP = """\
contact = "admin@example.org"
[sender]
address = "digest@example.org"
[smtp]
host = "localhost"
port = {port}
timeout = 5
"""
NOBODY = SMTP.format(port=1)


def examined(site: Site, zone: Zone = GOOD, *words: str) -> tuple[int, dict[str, list[str]]]:
    """Return the exit code, and by what was looked at the findings with their grades."""
    with serving(zone) as resolver:
        done = site.run(*words, "doctor", "--json", "--resolver", resolver)
    assert done.stderr == ""
    return done.returncode, _by_what(Finding(**one) for one in json.loads(done.stdout))


def looked_up(site: Site, zone: Zone, *, silent: bool = False) -> dict[str, list[str]]:
    """Return what is found of DNS alone, which is quicker."""

    async def ask(resolver: str) -> Sequence[Finding]:
        file = site.folder / "digestd.toml"
        host, _, port = resolver.partition(":")
        return [one async for one in names(Places(file, load_settings(file)), Records(host, int(port)))]

    with serving(zone, silent=silent) as resolver:
        return _by_what(asyncio.run(ask(resolver)))


def _by_what(findings: Iterable[Finding]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in findings:
        found.setdefault(one.what, []).append(f"{one.grade}: {one.found}: {one.advice}")
    return found


@pytest.fixture(scope="session")
def key() -> str:
    return subprocess.run(["openssl", "genrsa", "2048"], check=True, capture_output=True, text=True).stdout


def signing(folder: Path, key: str, more: str = "") -> Site:
    """Return an installation that signs, whose mail server is not there."""
    site = make_site(folder, NOBODY + f'[dkim]\nselector = "one"\nkey_file = "dkim.key"\n{more}').writes("dkim.key", key)
    (folder / "dkim.key").chmod(0o600)
    return site


def test_all_is_well(tmp_path: Path, key: str, web: Web) -> None:
    web.serve("/rss/cs.LG", rss(arxiv_item("2603.00001"), arxiv_item("2603.00002")))
    proof = certificate(tmp_path)
    with SmtpServer(security="starttls", certificate=proof, login=("digest", "hunter2"), dsn=True) as server:
        smtp = SMTP.format(port=server.port) + f'security = "starttls"\nusername = "digest"\nca_file = "{proof.ca_file}"\n'
        keys = '[dkim]\nselector = "one"\nkey_file = "dkim.key"\n'
        site = make_site(tmp_path, smtp + keys + asking_arxiv(web.url()).partition('kind = "maildir"\n')[2])
        site.writes("dkim.key", key)
        (tmp_path / "dkim.key").chmod(0o600)
        zone = GOOD | {"one._domainkey.example.org": [rsa_key("one", key).record]}
        with serving(zone) as resolver:
            password = {"DIGESTD_SMTP__PASSWORD": "hunter2"}
            done = site.run("doctor", "--resolver", resolver, environment=password)

    rows = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, "")
    assert [row[1] for row in rows] == [
        *("database", "state", "templates", "smtp", "tls", "dkim", "spf", "dmarc", "web", "source", "clock"),
    ]
    assert {row[0] for row in rows} == {"ok"}
    told = {row[1]: row[2] for row in rows}
    assert told["smtp"].startswith(f"localhost:{server.port} answers, knows digest, and offers ")
    assert "DSN" in told["smtp"]
    assert told["tls"].startswith("TLSv1.3, a certificate that is trusted until ")
    assert told["source"] == "arxiv answers with 2 papers"
    assert told["clock"] == "agrees with 127.0.0.1"
    assert (server.log_ins, server.kept) == (1, [])
    assert not (tmp_path / "var" / "digestd.db").exists()


def test_a_wrong_password_is_told_in_the_servers_words_and_never_shown(tmp_path: Path) -> None:
    proof = certificate(tmp_path)
    with SmtpServer(security="starttls", certificate=proof, login=("digest", "right")) as server:
        smtp = SMTP.format(port=server.port) + f'security = "starttls"\nusername = "digest"\nca_file = "{proof.ca_file}"\n'
        done = make_site(tmp_path, smtp + 'password = "hunter2"\n').run("doctor", "--resolver", "127.0.0.1:1")

    (line,) = [line for line in done.stdout.splitlines() if " smtp " in line]
    assert done.returncode == 1
    assert line.startswith(f"fail  smtp        localhost:{server.port}: 535 ")
    assert "hunter2" not in done.stdout + done.stderr


def test_a_certificate_of_strangers_is_a_failure(tmp_path: Path) -> None:
    with SmtpServer(security="tls", certificate=certificate(tmp_path)) as server:
        site = make_site(tmp_path, SMTP.format(port=server.port) + 'security = "tls"\n')
        code, found = examined(site)

    assert code == 1
    assert "certificate verify failed" in found["smtp"][0]


def test_a_password_that_only_the_daemon_sees_is_not_missed(tmp_path: Path) -> None:
    proof = certificate(tmp_path)
    with SmtpServer(security="starttls", certificate=proof, login=("digest", "right")) as server:
        smtp = SMTP.format(port=server.port) + f'security = "starttls"\nusername = "digest"\nca_file = "{proof.ca_file}"\n'
        code, found = examined(make_site(tmp_path, smtp))

    assert code == 0
    assert [one.partition(":")[0] for one in found["smtp"]] == ["ok", "warn"]
    assert "the log-in was not tried" in found["smtp"][1]


def test_nobody_at_the_mail_servers_door_is_a_failure(tmp_path: Path) -> None:
    code, found = examined(make_site(tmp_path, NOBODY))

    assert code == 1
    assert found["smtp"][0].startswith("fail: localhost:1: ")


def test_without_keys_of_ours_it_says_what_the_mail_server_must_sign(tmp_path: Path) -> None:
    found = looked_up(make_site(tmp_path, NOBODY), GOOD)

    signed = (
        "from:to:subject:date:reply-to:content-type:list-unsubscribe:list-unsubscribe-post:message-id:mime-version:list-id:"
    )
    advice = f"let your mail server sign with d=example.org and h={signed}auto-submitted:content-language"
    assert found["dkim"] == [f"warn: nothing is signed here: {advice}"]


@pytest.mark.parametrize(
    ("published", "finding"),
    [
        pytest.param(
            [], 'fail: one._domainkey.example.org has no key: publish one._domainkey.example.org TXT "v=DKIM1; ', id="none"
        ),
        pytest.param(["v=DKIM1; p="], "fail: one._domainkey.example.org says that its key is withdrawn: ", id="withdrawn"),
        pytest.param(["v=DKIM1; k=rsa; p=AAAA"], "fail: one._domainkey.example.org has another key than the one ", id="other"),
        pytest.param(["v=DKIM1; k=ed25519; p={p}"], "fail: one._domainkey.example.org has another key ", id="other_kind"),
        pytest.param(
            ["v=DKIM2; p={p}"], "fail: one._domainkey.example.org has no key of DKIM1: v=DKIM2: publish ", id="version"
        ),
        pytest.param(
            ["v=DKIM1; h=sha1; p={p}"], "fail: one._domainkey.example.org has a key that is not for sha256", id="old_hash"
        ),
        pytest.param(
            ["v=DKIM1; s=tlsrpt; p={p}"], "fail: one._domainkey.example.org has a key that is not for mail: s=", id="no_mail"
        ),
        pytest.param(
            ["v=DKIM1; h=sha1:sha256; s=email; p={p}"], "ok: one._domainkey.example.org has the key ", id="for_mail_and_sha256"
        ),
        pytest.param(["v=DKIM1; p={p}", "x"], "fail: one._domainkey.example.org has 2 records: ", id="two"),
        pytest.param(["v=DKIM1; t=s:y; p={p}"], "warn: one._domainkey.example.org is in testing (t=y)", id="testing"),
        pytest.param(
            [" v = DKIM1 ; p = {folded} ;"], "ok: one._domainkey.example.org has the key that signs here", id="folded"
        ),
    ],
)
def test_the_published_key_is_compared(tmp_path: Path, key: str, published: list[str], finding: str) -> None:
    ours = rsa_key("one", key).record.rpartition("p=")[2]
    texts = [text.format(p=ours, folded=f"{ours[:100]} {ours[100:]}") if "{" in text else text for text in published]

    found = looked_up(signing(tmp_path, key), GOOD | {"one._domainkey.example.org": texts})

    assert len(found["dkim"]) == 1
    assert found["dkim"][0].startswith(finding)


def test_a_key_that_only_the_daemon_sees_is_looked_for_and_not_compared(tmp_path: Path) -> None:
    site = make_site(tmp_path, NOBODY + '[dkim]\nselector = "one"\n')
    published = GOOD | {"one._domainkey.example.org": ["v=DKIM1; p=AAAA"]}

    assert looked_up(site, published)["dkim"][0].startswith("warn: one._domainkey.example.org has a key; ours is not visible")
    assert looked_up(site, GOOD)["dkim"][0].startswith(
        "fail: one._domainkey.example.org has no key: publish the public key at "
    )


def test_a_signature_for_strangers_is_noted(tmp_path: Path, key: str) -> None:
    found = looked_up(signing(tmp_path, key, 'domain = "mailer.example"\n'), GOOD)

    assert found["dkim"][1].startswith("warn: mailer.example signs for example.org: DMARC counts it for one organization alone")


@pytest.mark.parametrize(
    ("texts", "finding"),
    [
        pytest.param([SPF], f"ok: example.org: {SPF}: ", id="good"),
        pytest.param(["V=SPF1 mx -all"], "ok: example.org: V=SPF1 mx -all: ", id="capitals"),
        pytest.param(["v=spf1 -all"], "fail: example.org lets nobody send: v=spf1 -all: change it to ", id="nobody"),
        pytest.param(
            ["v=spf1 " + "ip4:192.0.2.1 " * 20], f"ok: example.org: v=spf1 {'ip4:192.0.2.1 ' * 12}ip4:192.0.2.1…: ", id="long"
        ),
        pytest.param(
            ["v=spf1 x=mx\\010ok    spf mx"], 'fail: example.org has "x=mx ok", which is no term of SPF: ', id="a_line_break"
        ),
        pytest.param(["v=spf10 -all"], "fail: example.org has no record of SPF: publish example.org TXT ", id="none"),
        pytest.param([SPF, "v=spf1 -all"], "fail: example.org has 2 records of SPF: ", id="two"),
        pytest.param(["v=spf1 mx +all"], "warn: example.org lets everybody send: v=spf1 mx +all: end it ", id="everybody"),
        pytest.param(
            ["v=spf1 ip4:0.0.0.0/0 -all"],
            'warn: example.org lets everybody send: v=spf1 ip4:0.0.0.0/0 -all: take "ip4:0.0.0.0/0" away, which means every',
            id="every_address",
        ),
    ],
)
def test_who_may_send_is_looked_up(tmp_path: Path, texts: list[str], finding: str) -> None:
    (found,) = looked_up(make_site(tmp_path, NOBODY), {"example.org": texts})["spf"]

    assert found.startswith(finding)


@pytest.mark.parametrize(
    "terms",
    [
        *("mx", "?mx a:mail.example.org/24//64 ~all", "ptr ptr:example.org", "exists:%{ir}.list.example.org -all"),
        *("include:spf.example.org. ip6:2001:db8::/32 ip4:192.0.2.0/24", "redirect=_spf.example.org", "mx exp=why.%{d}"),
        *("mx -ip4:0.0.0.0/0 all", "mx ~all +all", "mx new-word=1/0", "a:%{d1r/}", "x.y_z= mx", "  mx   -all  "),
        *("exists:%{i=}.example.org", "mx -all" + " a" * 13),
    ],
)  # fmt: skip
def test_a_record_of_spf_is_known(terms: str) -> None:
    assert judged("example.org", f"v=spf1 {terms}").grade == ("warn" if terms.endswith(" all") else "ok")


@pytest.mark.parametrize(
    "term",
    [
        *("ipv4:192.0.2.1", "ip4", "ip4:", "ip4:192.0.2", "ip4:192.0.2.1/33", "ip4:192.0.2.0/255.255.255.0", "ip4:2001:db8::1"),
        *("ip6:192.0.2.1", "ip6:2001:db8::/129", "include", "include:", "include:example", "include=a.b c"),
        *("a:192.0.2.1", "a/33", "mx//129", "a:example.org/", "all:example.org", "exists", "redirect:a.example", "redirect="),
        *("-", "mx,", "!mx", "--all", "mail.example.org", "a:täglich.example", "a:exa..%{d", "v=spf1 v:1"),
        *("include:%{e}.example.com", "exists:%(d).x", "exists:%{d0}.x", "include:foo%bar.x", "exists:%{}.x", "word=%{q}"),
    ],
)  # fmt: skip
def test_what_is_no_term_of_spf_makes_the_record_an_error(term: str) -> None:
    found = judged("example.org", f"v=spf1 mx {term} -all")

    assert found.grade == "fail"


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        ("redirect=a.example redirect=b.example", "redirect= more than once"),
        ("exp=a.example exp=b.example", "exp= more than once"),
        ("a mx " * 6, "12 terms to look up, of 10 that are allowed"),
    ],
    ids=["two_redirects", "two_explanations", "many_lookups"],
)
def test_a_record_of_spf_that_asks_for_too_much_is_an_error(terms: str, fault: str) -> None:
    assert judged("example.org", f"v=spf1 {terms}").found.startswith(f"example.org has {fault}: v=spf1 ")


@pytest.mark.parametrize("terms", ["", "-all", "~all", "exp=a.example -all", "redirect=a.example -all", "-mx -all", "-all mx"])
def test_a_record_of_spf_by_which_nobody_may_send_is_a_fault(terms: str) -> None:
    assert judged("example.org", f"v=spf1 {terms}").found.startswith("example.org lets nobody send: v=spf1")


@pytest.mark.parametrize("term", ["all", "?all", "ip4:0.0.0.0/0", "?ip6:::/0", "a/0", "mx:example.org//0", "a/0//64"])
def test_a_term_that_lets_everybody_send_is_warned_of(term: str) -> None:
    found = judged("example.org", f"v=spf1 mx {term} -all")

    assert (found.grade, found.found.partition(":")[0]) == ("warn", "example.org lets everybody send")
    assert 'end it with "~all"' in found.advice or f'take "{term}" away' in found.advice


@pytest.mark.parametrize(
    "term", ["a:" + "." * 60_000, "a:" + ".a" * 30_000 + "!", "a:x." + "a" * 60_000 + "!", "a:" + "%{" * 30_000]
)
def test_a_long_record_of_spf_takes_no_time(term: str) -> None:
    begun = time.process_time()
    judged("example.org", f"v=spf1 {term}")

    assert time.process_time() - begun < 1


def test_who_may_send_is_asked_of_the_envelopes_domain(tmp_path: Path) -> None:
    site = make_site(tmp_path, NOBODY.replace("[smtp]", 'bounce_address = "b@bounces.example.net"\n[smtp]'))

    (found,) = looked_up(site, GOOD | {"bounces.example.net": ["v=spf1 mx -all"]})["spf"]

    assert found == "ok: bounces.example.net: v=spf1 mx -all: "


@pytest.mark.parametrize(
    ("zone", "finding"),
    [
        pytest.param({"_dmarc.digest.example.org": [DMARC]}, f"ok: _dmarc.digest.example.org: {DMARC}: ", id="its_own"),
        pytest.param({"_dmarc.example.org": [DMARC]}, f"ok: _dmarc.example.org: {DMARC}: ", id="of_the_organization"),
        pytest.param(
            {"_dmarc.org": [DMARC]}, "fail: _dmarc.digest.example.org has no policy: publish _dmarc.example.org TXT ", id="none"
        ),
        pytest.param(
            {"_dmarc.example.org": ["v=DMARC1; rua=mailto:a@b.c"]}, "fail: _dmarc.example.org has no p= that says ", id="no_p"
        ),
        pytest.param(
            {"_dmarc.example.org": ["v=DMARC12; p=reject"]}, "fail: _dmarc.digest.example.org has no policy: ", id="version"
        ),
        pytest.param(
            {"_dmarc.example.org": ["v=DMARC1; p=x\\010ok    dmarc"]},
            "fail: _dmarc.example.org has no p= that says none, quarantine or reject: v=DMARC1; p=x ok dmarc: ",
            id="a_line_break",
        ),
        pytest.param({"_dmarc.example.org": [DMARC, DMARC + ";"]}, "fail: _dmarc.example.org has 2 policies: ", id="two"),
    ],
)
def test_the_policy_is_looked_up(tmp_path: Path, zone: Zone, finding: str) -> None:
    site = make_site(tmp_path, NOBODY.replace("digest@example.org", "digest@digest.example.org"))

    (found,) = looked_up(site, zone)["dmarc"]

    assert found.startswith(finding)


def test_a_dns_server_that_says_nothing_is_a_warning_within_seconds(tmp_path: Path, key: str) -> None:
    site = signing(tmp_path, key)
    begun = time.monotonic()
    found = looked_up(site, {}, silent=True)

    assert time.monotonic() - begun < 8
    assert found.keys() == {"dkim", "spf", "dmarc"}
    assert all(len(told) == 1 and told[0].startswith("warn: ") for told in found.values())
    assert "one._domainkey.example.org could not be asked for: " in found["dkim"][0]


@pytest.mark.parametrize("resolver", ["dns.example.org", "127.0.0.1:99999", "127.0.0.1:0", "[::1]:99999"])
def test_a_resolver_that_is_no_address_is_wrong_usage(tmp_path: Path, resolver: str) -> None:
    done = make_site(tmp_path).run("doctor", "--resolver", resolver)

    assert done.returncode == 2
    assert "is not the address of a DNS server" in done.stderr


@pytest.mark.parametrize("resolver", ["192.0.2.53", "127.0.0.1:5353", "2001:db8::53", "[2001:db8::53]:53"])
def test_a_resolver_is_an_address_with_or_without_a_port(tmp_path: Path, resolver: str) -> None:
    assert make_site(tmp_path).run("doctor", "--resolver", resolver).returncode == 0


def test_mails_that_go_into_a_folder_need_no_dns(tmp_path: Path) -> None:
    code, found = examined(make_site(tmp_path), {})

    assert code == 0
    assert found.keys() == {"database", "state", "templates", "mail", "web", "clock"}


def test_a_sender_that_was_never_set_is_a_failure(tmp_path: Path) -> None:
    _, found = examined(make_site(tmp_path, '[transport]\nkind = "smtp"\n[smtp]\nport = 1\n'))

    assert found["dns"][0].startswith("fail: the sender is digestd@localhost: set sender.address")


def test_each_source_has_a_line_and_nothing_is_stored(tmp_path: Path, web: Web) -> None:
    web.serve("/rss/cs.LG", status=500)
    feed = f'\n[[sources]]\nkind = "feed"\nname = "journal"\nurl = "{web.url("/feed")}"\n'
    web.serve("/feed", rss())
    site = make_site(tmp_path, asking_arxiv(web.url()) + feed)
    site.run("poll")
    before = json.loads(site.run("sources", "--json").stdout)

    code, found = examined(site)

    assert code == 1
    assert found["source"][0].startswith("fail: arxiv: the server answered 500")
    assert found["source"][1].startswith("ok: journal answers with 0 papers")
    assert json.loads(site.run("sources", "--json").stdout) == before
    assert "opens: schema " in found["database"][0]


@pytest.mark.parametrize(
    ("ahead", "finding"),
    [
        (timedelta(0), "ok: agrees with 127.0.0.1"),
        (timedelta(minutes=3), "warn: about "),
        (timedelta(minutes=-30), "fail: about 30 minutes behind 127.0.0.1: let the system set it"),
    ],
    ids=["right", "ahead", "behind"],
)
def test_the_clock_is_compared_with_the_sources(tmp_path: Path, web: Web, ahead: timedelta, finding: str) -> None:
    web.serve("/rss/cs.LG", rss())
    site = make_site(tmp_path, asking_arxiv(web.url()))

    (found,) = examined(site, GOOD, *(["--now", (datetime.now(UTC) + ahead).isoformat()] if ahead else []))[1]["clock"]

    assert found.startswith(finding)
    assert ("behind" in found) == (ahead < timedelta(0))


@pytest.mark.parametrize(
    "date", ["Fri, 31 Dec 9999 23:59:59 -2359", "1 Jan 99999999999999999999 00:00:00 GMT"], ids=["at_the_end", "beyond_it"]
)
def test_a_date_that_no_clock_can_show_is_none(date: str) -> None:
    assert clock({"a.example": (date, 0.0)}, datetime.now(UTC), 0.0).found == "no server said what time it is"


@pytest.mark.parametrize("answer", [Failed, lambda said: announces(complaints=(said,))], ids=["reason", "complaint"])
def test_what_a_source_says_is_told_on_one_line_and_cut(answer: Callable[[str], Failed | Fetched]) -> None:
    said = "broken\nok    clock       agrees " + "x" * 500

    told = asyncio.run(source(FakeSource([answer(said)]), NOON)).found

    assert "broken ok clock agrees x" in told
    assert "\n" not in told
    assert told.count("x") < 200


def test_a_database_that_cannot_be_used_is_a_failure_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    site = make_site(tmp_path).writes("var/digestd.db", "no database " * 1000)

    code, found = examined(site)

    assert code == 1
    assert "file is not a database" in found["database"][0]
    assert found["templates"][0].startswith("ok: ")


def test_a_key_that_others_may_read_is_noted(tmp_path: Path) -> None:
    site = make_site(tmp_path)
    site.run("tick")
    assert examined(site)[1]["state"][0].startswith("ok: ")

    (tmp_path / "var").chmod(0o755)
    (tmp_path / "var" / "secret.key").chmod(0o644)

    assert examined(site)[1]["state"][0].startswith("warn: others may read secret.key: ")


def test_faults_in_templates_are_failures(tmp_path: Path) -> None:
    site = make_site(tmp_path, 'templates = "own"\n' + SETTINGS).writes("own/subject.txt.j2", "\n{{ lamp }}")

    code, found = examined(site)

    assert code == 1
    assert found["templates"][0].startswith("fail: digestd.toml:1 templates: subject.txt.j2:2: 'lamp' is not known")


def test_a_broken_configuration_is_78(tmp_path: Path) -> None:
    done = make_site(tmp_path, "[smtp]\nprot = 25\n").run("doctor")

    assert done.returncode == 78
    assert "did you mean 'port'?" in done.stderr


def test_the_readers_pages_are_asked(tmp_path: Path, web: Web) -> None:
    web.serve("/health", "well\n")
    listen = f"base_url = '{{base}}'\n[web]\nlisten = '127.0.0.1:{{port}}'\n{SETTINGS.partition('[sender]')[1]}"
    rest = SETTINGS.partition("[sender]")[2]

    def told(folder: str, base: str, port: int) -> str:
        return examined(make_site(tmp_path / folder, listen.format(base=base, port=port) + rest))[1]["web"][0]

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "c").mkdir()
    assert told("a", "https://digest.example.org", web.server_port).startswith(
        f"ok: {web.url()} answers; mails lead to https://"
    )
    assert told("b", "http://digest.example.org", web.server_port).startswith("warn: ")
    assert told("c", "https://digest.example.org", free_port()).startswith("fail: ")
