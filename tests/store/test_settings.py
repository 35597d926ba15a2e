"""The settings file: strict, and each refusal names the setting and says why."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from store import schema
from store.config.metrics import MetricsSettings
from store.config.settings import PromiseSettings, Settings, load_settings
from store.config.settings_file import SettingsError

SITE = '[site]\nname_ja = "目安箱"\nname_en = "Meyasubako"\ndesignated = true\n'
STORE = '[store]\nurl = "sqlite:///meyasubako.db"\n'
OPERATOR = (
    '[operator]\nname_ja = "例示商事"\nname_en = "Example"\ncontact = "speakup@example.jp"\n'
    'purpose_ja = "調べるため"\npurpose_en = "To look into it"\nretention_ja = "3年"\nretention_en = "3 years"\n'
)
WHOLE = (
    '[site]\nname_ja = "目安箱"\nname_en = "Meyasubako"\ndesignated = true\nexit_url = "https://www.example.jp/weather"\n'
    '[store]\nurl = "postgresql+psycopg://user:hidden-word@db.example/meyasubako"\n'
    '[server]\nbind = "[::1]:8080"\nworkers = 3\nthreads = 16\nsecret_file = "keys/server.secret"\n'
    'token_key_file = "/etc/meyasubako/token.key"\n'
    "[limits]\nmax_request_bytes = 1_000_000\n"
)

ONION = "http://aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3kead.onion"
WRONG_ONIONS = {
    ONION.replace("aaaq", "aaar"): "check digits",
    # A right checksum of another version, and the key of another one.
    "http://aaaqeayeaudaocajbifqydiob4ibceqtcqkrmfyydenbwha5dyp3keae.onion": "check digits",
    ONION.removeprefix("http://"): "56 letters",
    ONION.replace("http", "https"): "56 letters",
    ONION + ":80": "56 letters",
    ONION + "/ja/": "56 letters",
    ONION.replace("aaaq", "AAAQ"): "56 letters",
    "http://expyuzz4wqqyqhjn.onion": "56 letters",
    "http://www." + ONION.removeprefix("http://"): "56 letters",
}
WRONG_ADDRESSES = (
    "http://speakup.example.jp",
    "https://speakup.example.jp/ja/",
    "https://speakup.example.jp?from=poster",
    "https://a:b@speakup.example.jp",
    "https://Speakup.example.jp",
    "https://speakup.example.jp:99999",
    "https://localhost",
    "speakup.example.jp",
    ONION.replace("http", "https"),
)


def load(folder: Path, text: str) -> Settings:
    file = folder / "meyasubako.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def test_a_whole_file(tmp_path: Path) -> None:
    settings = load(tmp_path, WHOLE)
    assert settings.path == tmp_path / "meyasubako.toml"
    assert (settings.site.name("ja"), settings.site.name("en")) == ("目安箱", "Meyasubako")
    assert settings.site.exit_url == "https://www.example.jp/weather"
    assert settings.store.url == "postgresql+psycopg://user:hidden-word@db.example/meyasubako"
    assert (settings.server.bind, settings.server.workers, settings.server.threads) == ("[::1]:8080", 3, 16)
    assert settings.server.secret_file == tmp_path / "keys" / "server.secret"
    assert settings.server.token_key_file == Path("/etc/meyasubako/token.key")
    assert settings.limits.max_request_bytes == 1_000_000
    assert "hidden-word" not in repr(settings) and settings.operator is None
    operator = load(tmp_path, WHOLE + OPERATOR).operator
    assert operator and (operator.name("ja"), operator.name("en"), operator.contact) == (
        "例示商事",
        "Example",
        "speakup@example.jp",
    )
    assert (operator.purpose("ja"), operator.retention("en")) == ("調べるため", "3 years")


def test_the_sites_own_addresses(tmp_path: Path) -> None:
    text = SITE + f'onion = "{ONION}/"\naddress = "https://speakup.example.jp:8443/"\n' + STORE
    site = load(tmp_path, text).site
    assert (site.onion, site.address) == (ONION, "https://speakup.example.jp:8443")
    bare = load(tmp_path, SITE + STORE).site
    assert (bare.onion, bare.address) == (None, None)


def test_the_shortest_file(tmp_path: Path) -> None:
    settings = load(tmp_path, SITE + STORE)
    assert settings.store.url == f"sqlite:///{tmp_path}/meyasubako.db"
    assert settings.server.bind == "127.0.0.1:8000"
    assert settings.server.secret_file == tmp_path / "server.secret"
    assert settings.server.token_key_file is None and settings.site.exit_url is None
    assert settings.site.designated is True and settings.site.contacts_file is None
    assert settings.limits.max_request_bytes == 2_000_000
    limits = settings.limits
    assert (limits.max_file_bytes, limits.max_files, limits.max_waiting_bytes) == (2 * 10**8, 20, 10**10)
    with pytest.raises(FrozenInstanceError):
        settings.server.workers = 5  # type: ignore[misc]


def test_paths_do_not_depend_on_the_folder_one_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tmp_path, SITE + '[store]\nurl = "sqlite:////var/lib/x.db"\n')
    monkeypatch.chdir(tmp_path)
    settings = load_settings("meyasubako.toml")
    assert settings.store.url == "sqlite:////var/lib/x.db"
    assert settings.server.secret_file.is_absolute()


def test_plain_postgresql_means_psycopg(tmp_path: Path) -> None:
    settings = load(tmp_path, SITE + '[store]\nurl = "postgresql://db.example/x"\n')
    assert settings.store.url == "postgresql+psycopg://db.example/x"


MAIL = SITE + STORE + '[mail]\nhost = "mail.example.jp"\nsender = "a@example.jp"\nto = ["b@example.jp"]\n'


def test_metrics_are_off_unless_said_and_on_this_machine_unless_said(tmp_path: Path) -> None:
    assert load(tmp_path, SITE + STORE).metrics is None
    for bind in ("127.0.0.1:9464", "[::1]:9464", "localhost:9464", "127.1.2.3:9464"):
        assert load(tmp_path, SITE + STORE + f'[metrics]\nbind = "{bind}"\n').metrics == MetricsSettings(bind)
    text = SITE + STORE + '[metrics]\nbind = "0.0.0.0:9464"\nbeyond_this_machine = true\n'
    assert load(tmp_path, text).metrics == MetricsSettings("0.0.0.0:9464")


def test_promises_are_there_or_not(tmp_path: Path) -> None:
    assert load(tmp_path, SITE + STORE).promises == PromiseSettings()
    text = SITE + STORE + "[promises]\nacknowledge_days = 7\nretention_days = 1095\n"
    assert load(tmp_path, text).promises == PromiseSettings(acknowledge_days=7, retention_days=1095)


@pytest.mark.parametrize(
    ("text", "setting", "why"),
    [
        (MAIL.replace('host = "mail.example.jp"\n', ""), "mail.host", "missing"),
        (MAIL.replace("mail.example.jp", "mail example"), "mail.host", "name of a server"),
        (MAIL.replace('"a@example.jp"', '"A <a@example.jp>"'), "mail.sender", "plain mail address"),
        (MAIL.replace('["b@example.jp"]', '"b@example.jp"'), "mail.to", "list"),
        (MAIL.replace('["b@example.jp"]', "[]"), "mail.to", "list"),
        (
            MAIL.replace('["b@example.jp"]', '["b@example.jp\\nBcc: c@example.jp"]'),
            "mail.to",
            "plain mail address",
        ),
        (MAIL.replace('["b@example.jp"]', '["b@-example.jp"]'), "mail.to", "plain mail address"),
        (MAIL.replace('["b@example.jp"]', "[5]"), "mail.to", "plain mail address"),
        (SITE + STORE + "[metrics]\n", "metrics.bind", "missing"),
        (SITE + STORE + '[metrics]\nbind = "0.0.0.0:9464"\n', "metrics.bind", "this machine alone"),
        (SITE + STORE + '[metrics]\nbind = "[fe80::1]:9464"\n', "metrics.bind", "this machine alone"),
        (
            SITE + STORE + '[metrics]\nbind = "prometheus.example:9464"\n',
            "metrics.bind",
            "this machine alone",
        ),
        (SITE + STORE + '[metrics]\nbind = "127.0.0.1:8000"\n', "metrics.bind", "another port"),
        (SITE + STORE + '[metrics]\nbind = "127.0.0.1:0"\n', "metrics.bind", "an address and a port"),
        (SITE + STORE + '[metrics]\nbind = "unix:/run/m.sock"\n', "metrics.bind", "an address and a port"),
        (SITE + STORE + '[metrics]\nbind = "127.0.0.1"\n', "metrics.bind", "an address and a port"),
        (
            SITE + STORE + '[metrics]\nbind = "0.0.0.0:9464"\nbeyond_this_machine = 1\n',
            "metrics.beyond_this_machine",
            "true or false",
        ),
        (
            SITE + STORE + '[metrics]\nbind = "[::1]:9464"\npath = "/"\n',
            "metrics.path",
            "not a known setting",
        ),
        (MAIL + 'security = "ssl"\n', "mail.security", "starttls"),
        (MAIL + 'security = "none"\n', "mail.security", "on this computer"),
        (MAIL + "hour = 24\n", "mail.hour", "from 0 to 23"),
        (MAIL + "port = 0\n", "mail.port", "from 1 to 65535"),
        (MAIL + 'user = "x"\n', "mail.user", "password_file"),
        (MAIL + 'password = "x"\n', "mail.password", "not a known setting"),
        (SITE + STORE + "[promises]\nacknowledge_days = 0\n", "promises.acknowledge_days", "from 1 to 366"),
        (SITE + STORE + "[promises]\ndecide_days = 400\n", "promises.decide_days", "from 1 to 366"),
        (SITE + STORE + "[promises]\nresult_days = 7.5\n", "promises.result_days", "whole number"),
        (SITE + STORE + "[promises]\nresult_days = true\n", "promises.result_days", "whole number"),
        (SITE + STORE + '[promises]\nretention_days = "9"\n', "promises.retention_days", "whole number"),
        (SITE + STORE + "[promises]\nretention_days = 1\n", "promises.retention_days", "from 30 to 36600"),
        (SITE + STORE + "[promises]\nanswer_days = 3\n", "promises.answer_days", "not a known setting"),
        (SITE + STORE + "[operator]\n", "operator.name_ja", "missing"),
        (SITE + STORE + OPERATOR.replace('"3年"', '""'), "operator.retention_ja", "empty"),
        (SITE + STORE + OPERATOR.replace("To look", "x" * 1_000), "operator.purpose_en", "1000 characters"),
        (
            SITE + STORE + OPERATOR.replace('contact = "speakup@example.jp"\n', ""),
            "operator.contact",
            "missing",
        ),
        (SITE + STORE + OPERATOR.replace("speakup", "a\\nb"), "operator.contact", "one line"),
        (SITE + STORE + OPERATOR + 'logo = "x"\n', "operator.logo", "not a known setting"),
        ("", "site.name_ja", "missing"),
        ('[site]\nname_ja = "目安箱"\n' + STORE, "site.name_en", "missing"),
        (SITE, "store.url", "missing"),
        (SITE + STORE + "[sever]\n", "[sever]", "not a known section"),
        ("site = 1\n", "site", "section"),
        (SITE + 'name_fr = "x"\n' + STORE, "site.name_fr", "not a known setting"),
        ('[site]\nname_ja = ""\nname_en = "x"\ndesignated = true\n' + STORE, "site.name_ja", "empty"),
        ('[site]\nname_ja = " 　"\nname_en = "x"\ndesignated = true\n' + STORE, "site.name_ja", "empty"),
        ('[site]\nname_ja = 5\nname_en = "x"\ndesignated = true\n' + STORE, "site.name_ja", "text"),
        ('[site]\nname_ja = "a\\nb"\nname_en = "x"\ndesignated = true\n' + STORE, "site.name_ja", "one line"),
        (
            f'[site]\nname_ja = "{"x" * 101}"\nname_en = "x"\ndesignated = true\n' + STORE,
            "site.name_ja",
            "100 characters",
        ),
        (SITE.replace("designated = true\n", "") + STORE, "site.designated", "is missing"),
        (SITE.replace("true", '"yes"') + STORE, "site.designated", "true or false"),
        (SITE.replace("true", "1") + STORE, "site.designated", "true or false"),
        (SITE + 'inside_banner = "yes"\n' + STORE, "site.inside_banner", "true or false"),
        (SITE + 'contacts_file = ""\n' + STORE, "site.contacts_file", "empty"),
        (SITE + 'exit_url = "http://example.jp/"\n' + STORE, "site.exit_url", "https://"),
        (SITE + 'exit_url = "https:///x"\n' + STORE, "site.exit_url", "https://"),
        (SITE + 'exit_url = "https://a:b@example.jp/"\n' + STORE, "site.exit_url", "https://"),
        (SITE + 'exit_url = "https://[/"\n' + STORE, "site.exit_url", "https://"),
        (SITE + 'exit_url = "javascript:alert(1)"\n' + STORE, "site.exit_url", "https://"),
        (SITE + STORE + OPERATOR + 'ways_ja = "手紙"\n', "operator.ways_en", "is missing"),
        (SITE + STORE + OPERATOR + 'ways_en = "A letter"\n', "operator.ways_ja", "is missing"),
        *((SITE + f'onion = "{text}"\n' + STORE, "site.onion", why) for text, why in WRONG_ONIONS.items()),
        *((SITE + f'address = "{text}"\n' + STORE, "site.address", "https://") for text in WRONG_ADDRESSES),
        (SITE + 'onion = ""\n' + STORE, "site.onion", "empty"),
        (SITE + '[store]\nurl = "mysql://h/d"\n', "store.url", "sqlite:/// or postgresql"),
        (SITE + '[store]\nurl = "meyasubako.db"\n', "store.url", "not the URL"),
        (SITE + '[store]\nurl = "sqlite://"\n', "store.url", "file"),
        (SITE + '[store]\nurl = "sqlite:///:memory:"\n', "store.url", "file"),
        (SITE + '[store]\nurl = "sqlite:///x.db?mode=ro"\n', "store.url", "question mark"),
        (SITE + '[store]\nurl = "postgresql+psycopg://u:hidden-word@h"\n', "store.url", "which database"),
        (SITE + '[store]\nurl = "postgresql+asyncpg://u:hidden-word@h/d"\n', "store.url", "psycopg"),
        (SITE + STORE + '[server]\nbind = "8000"\n', "server.bind", "address and a port"),
        (SITE + STORE + '[server]\nbind = "127.0.0.1:99999"\n', "server.bind", "address and a port"),
        (SITE + STORE + '[server]\nbind = "127.0.0.1:80a"\n', "server.bind", "address and a port"),
        (SITE + STORE + '[server]\nbind = "127.0.0.300:80"\n', "server.bind", "no usable address"),
        (SITE + STORE + '[server]\nbind = "::1:80"\n', "server.bind", "no usable address"),
        (SITE + STORE + '[server]\nbind = "[::g]:80"\n', "server.bind", "no usable address"),
        (SITE + STORE + '[server]\nbind = ":80"\n', "server.bind", "no usable address"),
        (SITE + STORE + '[server]\nbind = "unix:"\n', "server.bind", "path"),
        (SITE + STORE + "[server]\nthreads = 0\n", "server.threads", "from 1 to"),
        (SITE + STORE + "[server]\nworkers = -1\n", "server.workers", "from 1 to"),
        (SITE + STORE + "[server]\nworkers = true\n", "server.workers", "whole number"),
        (SITE + STORE + "[server]\nworkers = 1.5\n", "server.workers", "whole number"),
        (SITE + STORE + '[server]\nsecret_file = ""\n', "server.secret_file", "empty"),
        (SITE + STORE + "[server]\ntoken_key_file = 3\n", "server.token_key_file", "text"),
        (SITE + STORE + "[limits]\nmax_request_bytes = 1000\n", "limits.max_request_bytes", "from 500000"),
        (SITE + STORE + "[limits\n", "meyasubako.toml", "TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, setting: str, why: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)
    told = str(caught.value)
    assert setting in told and why in told
    assert told.count("\n") == 0 and told.endswith(".")
    assert "hidden-word" not in told


def test_any_folder_will_do(tmp_path: Path) -> None:
    odd = tmp_path / "何? 100%20 #+&"
    odd.mkdir()
    settings = load(odd, SITE + STORE)
    schema.upgrade(settings.store.url)
    assert (odd / "meyasubako.db").exists()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is missing"):
        load_settings(tmp_path / "none.toml")
    with pytest.raises(SettingsError, match="can't be read"):
        load_settings(tmp_path)
    (tmp_path / "sjis.toml").write_bytes(SITE.encode("shift_jis"))
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings(tmp_path / "sjis.toml")


@pytest.mark.parametrize("bind", ["0.0.0.0:80", "localhost:8000", "[::]:0", "portal.example.jp:443"])
def test_usual_addresses_are_taken(tmp_path: Path, bind: str) -> None:
    assert load(tmp_path, SITE + STORE + f'[server]\nbind = "{bind}"\n').server.bind == bind


def test_a_socket_file_is_taken(tmp_path: Path) -> None:
    assert load(tmp_path, SITE + STORE + '[server]\nbind = "unix:run/x.sock"\n').server.bind == (
        f"unix:{tmp_path}/run/x.sock"
    )


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("max_file_bytes = 10", "limits.max_file_bytes"),
        ("max_file_bytes = true", "limits.max_file_bytes"),
        ("max_files = 21", "limits.max_files"),
        ("max_files = -1", "limits.max_files"),
        ('max_waiting_bytes = "much"', "limits.max_waiting_bytes"),
        ("max_file_bytes = 4_000_000\nmax_waiting_bytes = 11_999_999", "limits.max_waiting_bytes"),
    ],
)
def test_limits_of_files_are_checked(tmp_path: Path, line: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        load(tmp_path, SITE + STORE + f"[limits]\n{line}\n")
