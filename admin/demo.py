"""The demo: a site of its own folder with two auditors and three sample reports, the site's server as a child
process, and the first auditor's desk in this one.

Nothing here is for real use: the passphrase lies beside the keys.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import click

from admin.commands.support.exit_codes import Exit, Failure
from admin.commands.support.site import CONFIG_VARIABLE

if TYPE_CHECKING:
    from crypto.identity import Identity

HOST: Final = "127.0.0.1"
STARTED_SECONDS: Final = 60.0
STOPPED_SECONDS: Final = 30.0
_KEY_MEMORY: Final = 64 * 1024 * 1024
"""Less than real keys' (the passphrase lies beside them anyhow), so that a start takes no time."""

_WORDS: Final = (
    "sakura", "kawa", "yama", "tsuki", "hoshi", "kaze", "umi", "mori",
    "yuki", "ame", "hana", "tori", "ishi", "kumo", "niji", "matsu",
)  # fmt: skip

AUDITORS: Final = (
    ({"ja": "佐藤 花子", "en": "Hanako Sato"}, {"ja": "監査部 部長", "en": "Head of internal audit"}),
    ({"ja": "鈴木 太郎", "en": "Taro Suzuki"}, {"ja": "社外監査役", "en": "Outside auditor"}),
)

REPORTS: Final[tuple[dict[str, str], ...]] = (
    {
        "what_happened": "通販サイトの会員情報が外部から閲覧できる状態になっていました。"
        "3月に取引先から指摘を受けて設定は直しましたが、"
        "会員への連絡も個人情報保護委員会への報告も行わないことに決まりました。",
        "who": "情報システム部と営業本部の管理職",
        "when": "2月上旬から3月12日まで",
        "where": "会員管理システムのクラウドストレージ",
        "personal_data": "氏名、住所、電話番号、購入履歴",
        "how_many": "約 4,200 人",
        "cause": "misconfiguration",
        "concealment": "「閲覧された証拠がないので漏えいではない」と会議で決め、"
        "議事録からこの議題を削除しました。",
        "concealed_by": "営業本部長",
        "told_whom": "直属の課長に相談しましたが、「もう終わった話だ」と言われました。",
        "evidence": "削除前の議事録の写しと、アクセス記録の一部を見ました。",
    },
    {
        "what_happened": "退職した社員が、顧客名簿を持ち出して転職先で使っています。"
        "顧客から「なぜ私の連絡先を知っているのか」という問い合わせが"
        "5件ありましたが、上司は記録に残さないよう指示しました。",
        "who": "昨年末に退職した元営業担当者",
        "why": "転職先での営業に使うためだと思います。",
        "personal_data": "顧客の氏名、携帯電話番号、契約内容",
        "how_many": "300 人以上",
        "cause": "insider",
        "concealment": "問い合わせの記録を「誤報」として処理するように言われました。",
        "told_whom": "支店長に話しましたが、口外しないようにと言われました。",
    },
    {
        "what_happened": "健康診断の結果が入った USB メモリを、外出先でなくした人がいます。"
        "本人は報告書を出しましたが、人事部長が受け取らず、"
        "「見つかるまで待つように」と言ったまま2か月が過ぎました。",
        "when": "2か月ほど前",
        "where": "出張先の駅か電車の中",
        "personal_data": "従業員の健康診断の結果(病歴を含みます)",
        "how_many": "約 150 人",
        "cause": "loss",
        "concealment": "紛失の報告書が受理されず、共有フォルダからも消されました。",
    },
)


def run(folder: Path, port: int, desk_port: int) -> None:
    """Run the demo until Ctrl-C or SIGTERM. Raises Failure."""
    if os.name != "posix":
        raise Failure(
            Exit.CONFIG, "The site's server needs Linux or macOS; only the desk runs on this system."
        )
    folder = folder.absolute()
    if port == desk_port:
        raise Failure(Exit.USAGE, "The site and the desk need two different ports.")
    for wanted, option in ((port, "PORT= or --port"), (desk_port, "DESK_PORT= or --desk-port")):
        _check_free(wanted, option)
    os.umask(0o077)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    # Started in the background, a shell makes a program deaf to Ctrl-C; the demo still ends both parts on
    # SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        _run(folder, port, desk_port)
    click.echo("\n終了しました。データは残っています。/ Stopped; the data stays.")


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _run(folder: Path, port: int, desk_port: int) -> None:
    if not (folder / "meyasubako.toml").is_file():
        _lay_out(folder)
    key_file, identity = _first_auditor(folder)
    with _server(folder, port) as base:
        code = _post_samples(base) if _is_empty(folder) else None
        _run_desk(folder, base, desk_port, key_file, identity, code)


def _check_free(port: int, option: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise Failure(
                Exit.REFUSED,
                f"{HOST}:{port} can't be used ({error.strerror}): another program listens there, perhaps "
                "another demo.\n"
                f"Nothing was changed. Stop it, or choose another port with {option}.",
            ) from None


def _lay_out(folder: Path) -> None:
    """Make the demo's folder, whole or not at all: an interrupted first start leaves nothing half made."""
    if folder.exists() and any(folder.iterdir()):
        raise Failure(
            Exit.REFUSED,
            f"{folder} is there and holds something else than a demo site. It was left as it is.",
        )
    click.echo("試用サイトを準備しています… / Making the demo site…")
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    making.mkdir(mode=0o700)
    try:
        _fill(making)
        if folder.exists():
            folder.rmdir()
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _fill(folder: Path) -> None:
    from admin.commands.auditor import make_card
    from admin.commands.site import create_site
    from admin.commands.support.files import write_new
    from admin.commands.support.site import today
    from crypto import cards as crypto_cards
    from crypto import identity, keyfile
    from store import cards, db
    from store.secrets import pin_first_card

    settings = create_site(
        folder / "meyasubako.toml",
        "目安箱(試用)",
        "Meyasubako (demo)",
        "sqlite:///meyasubako.db",
        f"{HOST}:8000",
        designated=True,
    )
    passphrase = "-".join(secrets.choice(_WORDS) for _ in range(6))
    write_new(folder / "passphrase.txt", passphrase.encode() + b"\n")
    (folder / "cards").mkdir(mode=0o700)
    made = [make_card(name, role, passphrase, folder, mem=_KEY_MEMORY) for name, role in AUDITORS]
    first = identity.from_seed(keyfile.unlock(made[0][0].read_bytes(), passphrase))
    pin_first_card(settings.server.secret_file, first.key_id)
    engine = db.make_engine(settings.store.url)
    try:
        with db.writing(engine) as conn:
            for number, (_key, path, card) in enumerate(made):
                signed = crypto_cards.vouch(card, first.key_id, first.sign_seed) if number else card
                cards.enroll(conn, signed.key_id, signed.person, signed.encode(), today())
                write_new(folder / "cards" / path.name, signed.encode() + b"\n", 0o644)
                path.unlink()
    finally:
        engine.dispose()


def _first_auditor(folder: Path) -> tuple[bytes, Identity]:
    """Return the key file, which unlocks the desk again once it was locked, and what it opens to."""
    from admin.commands.auditor import file_stem
    from crypto import identity, keyfile
    from crypto.errors import CryptoError

    path = folder / f"{file_stem(AUDITORS[0][0]['en'])}.key"
    try:
        passphrase = (folder / "passphrase.txt").read_text(encoding="utf-8").strip()
        key_file = path.read_bytes()
        return key_file, identity.from_seed(keyfile.unlock(key_file, passphrase))
    except (OSError, CryptoError):
        raise Failure(
            Exit.KEY,
            f"{path} does not open with passphrase.txt beside it. The demo's data was left as it is.\n"
            "For a new demo, choose another folder (VAR= or --dir).",
        ) from None


@contextmanager
def _server(folder: Path, port: int) -> Iterator[str]:
    """Run the site's server as a child process; give its address once it answers, and end it with the
    block."""
    code_root = str(Path(__file__).resolve().parents[1])
    environment = {
        **os.environ,
        CONFIG_VARIABLE: str(folder / "meyasubako.toml"),
        "PYTHONPATH": os.pathsep.join(part for part in (code_root, os.environ.get("PYTHONPATH", "")) if part),
    }
    # -P: what lies in the current folder is not taken for a part of the program.
    command = [sys.executable, "-P", "-m", "admin.cli", "serve", "--bind", f"{HOST}:{port}"]
    log_path = folder / "server.log"
    with open(log_path, "ab") as log:
        log_path.chmod(0o600)
        before = log_path.stat().st_size
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C reaches the demo alone, which then lets the server finish what it has.
            start_new_session=True,
        )
    try:
        _await(process, port, lambda: log_path.read_bytes()[before:].decode(errors="replace"))
        with _watched(process, log_path):
            yield f"http://{HOST}:{port}"
    finally:
        _end(process)


@contextmanager
def _watched(process: subprocess.Popen[bytes], log_path: Path) -> Iterator[None]:
    """End the demo when its server ends before it. Raises Failure then."""
    stopping, ended = threading.Event(), threading.Event()

    def watch() -> None:
        while process.poll() is None:
            if stopping.wait(0.5):
                return
        ended.set()
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        stopping.set()
        if ended.is_set():
            raise Failure(Exit.REFUSED, f"The site's server ended by itself; {log_path} says why.")


def _await(process: subprocess.Popen[bytes], port: int, log: Callable[[], str]) -> None:
    import httpx

    until = time.monotonic() + STARTED_SECONDS
    with httpx.Client(trust_env=False, timeout=5) as client:
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                if client.get(f"http://{HOST}:{port}/healthz").status_code == 200:
                    return
            time.sleep(0.05)
    raise Failure(Exit.REFUSED, "The site's server did not start. It said:\n" + log()[-2000:])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server: it finishes the requests that it has."""
    with contextlib.suppress(KeyboardInterrupt):
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOPPED_SECONDS)
    if process.poll() is None:
        process.kill()
        process.wait()


def _is_empty(folder: Path) -> bool:
    from store import db, feed
    from store.settings import load_settings

    engine = db.make_engine(load_settings(folder / "meyasubako.toml").store.url)
    try:
        with db.reading(engine) as conn:
            return feed.last(conn) == 0
    finally:
        engine.dispose()


class _Page(HTMLParser):
    """Reads what a browser would send back of a form, and the receipt code, from a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.hidden: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect hidden inputs."""
        attributes = dict(attrs)
        name = attributes.get("name")
        if tag == "input" and name and attributes.get("type") == "hidden":
            self.hidden[name] = attributes.get("value") or ""


def _post_samples(base: str) -> str:
    """Send the sample reports as a browser does; return the receipt code of the last one."""
    import httpx

    from crypto.receipt import format_code, parse_code

    code = ""
    with httpx.Client(base_url=base, trust_env=False, timeout=30) as client:
        for answers in REPORTS:
            hidden = _Page(client.get("/ja/report").text).hidden
            parts = [(name, (None, value)) for name, value in {**hidden, **answers}.items()]
            answer = client.post("/ja/report", files=parts)
            if answer.status_code != 200:
                raise Failure(
                    Exit.REFUSED, f"The site did not accept a sample report (answer {answer.status_code})."
                )
            code = format_code(parse_code(hidden["code"]))
    return code


def _run_desk(
    folder: Path, base: str, desk_port: int, key_file: bytes, identity: Identity, code: str | None
) -> None:
    from admin.desk import run_desk

    announced = threading.Event()

    def announce(url: str) -> None:
        if announced.is_set():
            click.echo(f"  新しいリンク / a new link to the desk: {url}")
            return
        announced.set()
        _say_what_to_open(folder, base, url, code)

    try:
        run_desk(base, key_file, folder / "desk", identity, port=desk_port, announce=announce)
    except OSError as error:
        raise Failure(
            Exit.REFUSED,
            f"The desk can't listen on {HOST}:{desk_port} ({error.strerror}); choose another DESK_PORT=.",
        ) from None


def _say_what_to_open(folder: Path, base: str, link: str, code: str | None) -> None:
    lines = [
        "",
        "目安箱の試用サイトが動いています。/ The demo is running.",
        "",
        f"  通報者のサイト / the reporter's site:  {base}/",
        f"  監査担当者のデスク / the auditor's desk: {link}",
        "      (リンクは一度だけ、2分以内。あとで開くと、ここに新しいリンクが出ます)",
        "      (the link works once, within two minutes; open the desk later and a new link appears here)",
        f"  鍵ファイルとパスフレーズ / key files, passphrase.txt: {folder}",
    ]
    if code is not None:
        lines += [
            "",
            f"  受付コードの例 / a receipt code to try at {base}/ja/status (shown this once):",
            f"      {code}",
        ]
    lines += ["", "Ctrl-C で終了します。/ Ctrl-C ends both.", ""]
    click.echo("\n".join(lines))
    sys.stdout.flush()
