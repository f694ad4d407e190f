"""digestd.toml: every key, and every fault with its file, line and key."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

from digestd.config import ConfigTrouble, Places, Settings, bundled, find_file, load_settings
from digestd.config.complaint import line_of


def settings_of(folder: Path, text: str) -> Settings:
    path = folder / "digestd.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def complaints_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigTrouble) as caught:
        settings_of(folder, text)
    return [str(complaint) for complaint in caught.value.complaints]


def test_an_empty_file_is_a_configuration(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "")

    assert settings.digest.look_back == timedelta(days=3)
    assert settings.smtp.security == "none"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90", timedelta(seconds=90)),
        ('"30s"', timedelta(seconds=30)),
        ('"15m"', timedelta(minutes=15)),
        ('"2d"', timedelta(days=2)),
    ],
)
def test_durations_are_written_as_people_do(tmp_path: Path, written: str, meant: timedelta) -> None:
    assert settings_of(tmp_path, f"[poll]\nevery = {written}\n").poll.every == meant


@pytest.mark.parametrize(("written", "meant"), [("90000", 90_000), ('"90kB"', 90_000), ('"15MiB"', 15 * 2**20)])
def test_sizes_are_written_as_people_do(tmp_path: Path, written: str, meant: int) -> None:
    assert settings_of(tmp_path, f"[poll]\nmax_bytes = {written}\n").poll.max_bytes == meant


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("[smtp]\nhots = 'x'\n", "digestd.toml:2 smtp.hots: unknown key – did you mean 'host'?", id="misspelt_key"),
        pytest.param(
            "subscriber = 'x'\n", "digestd.toml:1 subscriber: unknown key – did you mean 'subscribers'?", id="at_the_top"
        ),
        pytest.param("\n[poll]\nevery = '5 miles'\n", 'digestd.toml:3 poll.every: "5 miles" is not a duration', id="duration"),
        pytest.param(
            "[sender]\naddress = 'nobody'\n", 'digestd.toml:2 sender.address: "nobody" is not an e-mail address', id="address"
        ),
        pytest.param("[smtp]\nport = 'x'\n", 'digestd.toml:2 smtp.port: must be a whole number, not "x"', id="number"),
        pytest.param(
            "[smtp]\nconnections = 2\n[smtp.domains.'a.org']\nconnections = 2\n",
            "digestd.toml:1 smtp: connections = 2 leaves none for the others: the domains have 2",
            id="no_connection_left",
        ),
        pytest.param(
            "[smtp.domains.'a b']\n", 'digestd.toml smtp.domains: "a b" is not a domain, such as "example.org"', id="domain"
        ),
        pytest.param("[smtp]\nmax_per_second = 0.001\n", "digestd.toml:2 smtp.max_per_second: ", id="hardly_ever"),
        pytest.param(
            f"[sender]\nbounce_address = '{'b' * 40}@a.org'\n",
            "digestd.toml:2 sender.bounce_address: ",
            id="no_room_for_a_token",
        ),
        pytest.param(
            "[sender]\nname = 'ada@example.org'\n", 'digestd.toml:2 sender.name: "ada@example.org" holds an @', id="no_name"
        ),
        pytest.param("a = [1,\n", "digestd.toml:1 not TOML:", id="not_toml"),
        pytest.param("a = 1 b\n", "digestd.toml:1 not TOML:", id="not_toml_on_line_1"),
        pytest.param(
            "[[sources]]\nkind = 'feed'\nurl = 'https://a.example'\n[[sources]]\nkind = 'fed'\n",
            'digestd.toml:5 sources[1].kind: must be "arxiv",',
            id="second_source",
        ),
        pytest.param(
            "[[sources]]\nkind = 'feed'\n", 'digestd.toml:1 sources[0]: a source of kind "feed" needs a url', id="no_url"
        ),
        pytest.param(
            "[[sources]]\nkind = 'feed'\nurl = 'ftp://a.example'\n",
            'digestd.toml:3 sources[0].url: "ftp://a.example" is not an http or https address',
            id="url",
        ),
        pytest.param(
            "[[sources]]\nkind = 'huggingface'\n[[sources]]\nkind = 'huggingface'\n",
            'digestd.toml:1 sources: two sources are called "huggingface"',
            id="one_name_twice",
        ),
        pytest.param("database = 'mysql://x'\n", 'digestd.toml:1 database: "mysql://x" is not a database', id="database"),
        pytest.param(
            "[digest.schedule]\nevery = 'week'\non = 'monday'\n",
            'digestd.toml:1 digest.schedule: on = "monday" does not go with every = "week": write "mon", ',
            id="schedule",
        ),
        pytest.param(
            "[[sources]]\nkind = 'arxiv'\ncategories = ['cs.LG']\nquery = 'x'\n",
            'digestd.toml:1 sources[0]: a source of kind "arxiv" has no query: that is for arxiv_api, pubmed, crossref',
            id="a_key_of_another_kind",
        ),
        pytest.param(
            "[[sources]]\nkind = 'crossref'\nissn = ['1234-5678']\n",
            'digestd.toml:3 sources[0].issn: "1234-5678" is not an ISSN',
            id="a_wrong_check_digit",
        ),
        pytest.param(
            "[[sources]]\nkind = 'openreview'\n",
            'digestd.toml:1 sources[0]: a source of kind "openreview" needs a venue',
            id="nothing_to_ask_for",
        ),
        pytest.param("[dkim]\nkey_file = 'k'\n", "digestd.toml:1 dkim: key_file needs a selector", id="no_selector"),
        pytest.param(
            "[dkim]\nselector = 'a'\ned25519_key = 'k'\n",
            "digestd.toml:1 dkim: ed25519_key needs a ed25519_selector",
            id="no_second_selector",
        ),
        pytest.param(
            "[dkim]\nselector = 'a'\ned25519_selector = 'a'\n",
            "digestd.toml:1 dkim: selector and ed25519_selector are the same",
            id="one_selector_twice",
        ),
        pytest.param(
            "[dkim]\nselector = 'a b'\n",
            'digestd.toml:2 dkim.selector: "a b" is not a name of letters, digits and hyphens, such as "digestd1"',
            id="selector",
        ),
        pytest.param("[dkim]\nselector = 'a'\nkey_file = 'nowhere'\n", "digestd.toml:3 dkim.key_file: ", id="no_key_file"),
        pytest.param("[smtp]\nport = true\n", "digestd.toml:2 smtp.port: must be a whole number, not true", id="truth"),
        pytest.param("base_url = 'x'\n", 'digestd.toml:1 base_url: "x" is not an address such as "https://', id="base_url"),
        pytest.param(
            f"\nbase_url = 'https://a.example/{'x' * 183}'\n",
            "digestd.toml:2 base_url: has 201 letters, and links add to it: write at most 200",
            id="a_long_base",
        ),
        *(
            pytest.param(
                f"\nbase_url = 'https://{base}'\n",
                "digestd.toml:2 base_url: has a user name, a query or a fragment, and links add to it: "
                'write "https://a.example/mail"',
                id=f"a_base_with_a_{what}",
            )
            for what, base in {
                "user": "u:p@a.example/mail",
                "query": "a.example/mail?x=1",
                "empty_query": "a.example/mail?",
                "fragment": "a.example/mail#y",
                "query_and_fragment": "u@a.example/mail#y?x",
            }.items()
        ),
        pytest.param(
            "[smtp.domains.'a.org']\nconections = 2\n",
            "digestd.toml smtp.domains.\"a.org\".conections: unknown key – did you mean 'connections'?",
            id="a_key_of_a_domain",
        ),
    ],
)
def test_a_fault_is_said_with_file_line_and_key(tmp_path: Path, text: str, complaint: str) -> None:
    (said,) = complaints_of(tmp_path, text)

    assert said.startswith(complaint)


@pytest.mark.parametrize("base", ["https://a.example/" + "x" * 182, "http://127.0.0.1:8025", "https://a.example/~ada/@mail"])
def test_a_base_that_links_can_add_to_is_taken(tmp_path: Path, base: str) -> None:
    assert settings_of(tmp_path, f"base_url = '{base}'\n").base_url == base


@pytest.mark.parametrize(
    "text",
    [
        "[smtp]\npassword = ['hunter2']\n",
        "smtp = ['hunter2']\n",
        "base_url = 'https://u:hunter2@a.example'\n",
        "database = 'postgresql://u:hunter2@h'\n",
        "database = 'postgresql://u:hunter2@h:x/x'\n",
        "database = 'postgres://u:hunter2/3@h/x'\n",
        "database = 'postgresql://h/x?password=hunter2'\n",
        "database = 'postgresql://h/x?sslmode=require&PASSWORD=hunter2'\n",
        "database = 'postgresql://h/x?sslpassword=hunter2'\n",
        "database = 'postgres://h/x?password=hunter2'\n",
        "database = 'postgresql://h/x'\ndatabase_password = ['hunter2']\n",
        "[[sources]]\nkind = 'feed'\nurl = 'htps://u:hunter2@h/x'\n",
    ],
)
def test_a_complaint_shows_no_secret(tmp_path: Path, text: str) -> None:
    assert "hunter2" not in "\n".join(complaints_of(tmp_path, text))


@pytest.mark.parametrize("text", ["a = " + "[" * 5000, "a = " + "9" * 5000, "[poll]\nevery = '99999999d'\n"])
def test_what_nobody_writes_by_hand_is_a_complaint_too(tmp_path: Path, text: str) -> None:
    assert complaints_of(tmp_path, text)


def test_an_environment_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGESTD_SMTP", "{broken")

    (said,) = complaints_of(tmp_path, "")
    assert said.startswith("environment DIGESTD_SMTP: is not JSON: set its keys one by one, such as DIGESTD_SMTP__…")


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    assert len(complaints_of(tmp_path, "wrong = 1\n[smtp]\nport = 0\nhots = 'x'\n")) == 3


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigTrouble, match=r"digestd init DIR"):
        load_settings(tmp_path / "digestd.toml")


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGESTD_SMTP__HOST", "mail.example.org")
    monkeypatch.setenv("DIGESTD_DIGEST__LOOK_BACK", "2d")

    settings = settings_of(tmp_path, "[smtp]\nhost = 'localhost'\nport = 587\n")

    assert (settings.smtp.host, settings.smtp.port, settings.digest.look_back) == ("mail.example.org", 587, timedelta(days=2))


def test_a_fault_in_the_environment_is_not_blamed_on_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGESTD_SMTP__PORT", "abc")

    (said,) = complaints_of(tmp_path, "")

    assert said.startswith('environment DIGESTD_SMTP__PORT: must be a whole number, not "abc"')


def test_a_missing_password_file_is_named(tmp_path: Path) -> None:
    (said,) = complaints_of(tmp_path, "[smtp]\npassword_file = 'nowhere'\n")

    assert said == f"digestd.toml:2 smtp.password_file: {tmp_path / 'nowhere'} cannot be used: it does not exist"


@pytest.mark.parametrize("content", [b"\xff", b"[poll]\nevery = '\xe4'\n"])
def test_a_file_that_is_not_in_utf_8_is_said_to_be(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "digestd.toml").write_bytes(content)

    with pytest.raises(ConfigTrouble, match=r"cannot be read: it is not in UTF-8: save it so$"):
        load_settings(tmp_path / "digestd.toml")


def test_a_password_comes_as_a_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "smtp.password").write_text("correct horse\n", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    password = settings_of(tmp_path, "").smtp.password

    assert password is not None
    assert password.get_secret_value() == "correct horse"


def test_a_password_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("battery staple\n", encoding="utf-8")

    password = settings_of(tmp_path, "[smtp]\npassword_file = 'secret'\n").smtp.password

    assert password is not None
    assert password.get_secret_value() == "battery staple"


def test_a_dkim_key_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    text, file = "[dkim]\nselector = 'a'\nkey_file = 'dkim.key'\n", tmp_path / "dkim.key"
    file.write_text("hunter2\n", encoding="utf-8")
    file.chmod(0o644)

    (said,) = complaints_of(tmp_path, text)
    file.chmod(0o640)

    assert said.startswith("digestd.toml:3 dkim.key_file: ")
    assert "everybody on this machine may read it" in said
    assert "hunter2" not in said + repr(settings_of(tmp_path, text))


def test_dkim_keys_come_as_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("dkim.key", "dkim.ed25519_key"):
        (tmp_path / name).write_text(f"{name}!\n", encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))

    keys = settings_of(tmp_path, "[dkim]\nselector = 'a'\ned25519_selector = 'b'\n").dkim

    assert [secret.get_secret_value() for secret in (keys.key, keys.ed25519_key) if secret] == [
        "dkim.key!",
        "dkim.ed25519_key!",
    ]


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "[smtp]\npassword = 'correct horse'\n")

    assert "correct horse" not in repr(settings)
    (said,) = complaints_of(tmp_path, "[smtp]\npassword = ['correct horse']\n")
    assert "correct horse" not in said


def test_domains_have_limits_of_their_own(tmp_path: Path) -> None:
    text = "[smtp.domains.'Example.org']\nconnections = 2\nmax_per_day = 200\n"

    keys = settings_of(tmp_path, text).smtp.domains["example.org"]

    assert (keys.connections, keys.max_per_second, keys.max_per_day) == (2, None, 200)


def test_readers_whose_file_does_not_say_read_the_language_of_the_installation(tmp_path: Path) -> None:
    assert settings_of(tmp_path, '[digest]\nlanguage = "de"\n').defaults.language == "de"


def test_the_sample_explains_every_key() -> None:
    sample = (bundled("config") / "digestd.toml").read_text(encoding="utf-8")

    explained = set(re.findall(r"\b([a-z0-9_]+) = ", sample)) | set(re.findall(r"(?m)^\[+([a-z]+)\]+", sample))

    assert explained >= set(all_keys(Settings))


def test_the_sample_says_the_defaults() -> None:
    written = tomllib.loads((bundled("config") / "digestd.toml").read_text(encoding="utf-8"))
    for chosen in ("sources", "sender", "transport"):
        written.pop(chosen)

    assert Settings(**written) == Settings()


def all_keys(model: type[BaseModel]) -> set[str]:
    names = set(model.model_fields)
    for field in model.model_fields.values():
        for inner in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                names |= all_keys(inner)
    return names


def test_what_digestd_writes_goes_to_the_state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    places = Places(tmp_path / "digestd.toml", settings_of(tmp_path, ""))
    beside = places.database
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/digestd")

    assert beside == tmp_path / "var" / "digestd.db"
    assert places.database == Path("/var/lib/digestd/digestd.db")


def test_the_key_is_made_once_and_for_us_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    places = Places(tmp_path / "digestd.toml", settings_of(tmp_path, ""))

    key = places.key(lambda: False)

    assert len(key) == 32
    assert places.key(lambda: True) == key
    assert (tmp_path / "var" / "secret.key").stat().st_mode & 0o077 == 0


def test_a_key_that_is_gone_is_not_made_anew_where_mail_was_signed_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    places = Places(tmp_path / "digestd.toml", settings_of(tmp_path, ""))

    with pytest.raises(ConfigTrouble, match=r"secret\.key is missing: restore it from a copy"):
        places.key(lambda: True)
    assert not (tmp_path / "var").exists()
    assert places.key(lambda: False) == places.key(lambda: True)


def test_a_configuration_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIGESTD_CONFIG", raising=False)
    assert find_file(None) == Path("/etc/digestd/digestd.toml")

    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "digestd.toml").touch()
    assert find_file(None) == Path("config/digestd.toml")

    monkeypatch.setenv("DIGESTD_CONFIG", str(tmp_path / "config"))
    assert find_file(None) == tmp_path / "config" / "digestd.toml"
    assert find_file(Path("other.toml")) == Path("other.toml")


def test_lines_are_found_in_tables_and_lists_of_tables() -> None:
    text = 'a = 1\n[b]\nc = 2\n\n[[d]]\ne = 3\n[[d]]\ne = 4\nf = { g = 5 }\n[h.i]\n"j k" = 6\n'

    assert [line_of(text, place) for place in [("a",), ("b", "c"), ("d", 0, "e"), ("d", 1, "e")]] == [1, 3, 6, 8]
    assert line_of(text, ("d", 1, "f", "g")) == 9
    assert line_of(text, ("h", "i", "j k")) == 11
    assert line_of(text, ("nowhere",)) is None


def test_a_key_of_a_source_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "pubmed.key").write_text("tide and lantern\n", encoding="utf-8")
    sample = "[[sources]]\nkind = 'pubmed'\nquery = 'lanterns'\napi_key_file = '{}'\n"

    (source,) = settings_of(tmp_path, sample.format("pubmed.key")).sources

    assert source.api_key is not None
    assert source.api_key.get_secret_value() == "tide and lantern"
    assert "tide" not in repr(source)
    (said,) = complaints_of(tmp_path, sample.format("nowhere.key"))
    assert said.startswith("digestd.toml:4 sources[0].api_key_file: ")


def test_the_names_of_an_entrys_parts_are_taken(tmp_path: Path) -> None:
    (said,) = complaints_of(
        tmp_path,
        "[[sources]]\nkind = 'arxiv'\nname = 'arXiv'\ncategories = ['cs.LG', 'cs.AI']\n"
        "[[sources]]\nkind = 'feed'\nname = 'arXiv:cs.AI'\nurl = 'https://a.example'\n",
    )

    assert 'two sources are called "arXiv:cs.AI"' in said
