"""The demo's sample data: two auditors and three reports."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

from admin.commands.support.exit_codes import Exit, Failure

WORDS: Final = (
    "sakura", "kawa", "yama", "tsuki", "hoshi", "kaze", "umi", "mori",
    "yuki", "ame", "hana", "tori", "ishi", "kumo", "niji", "matsu",
)  # fmt: skip
AUDITORS: Final = (
    ({"ja": "佐藤 花子", "en": "Hanako Sato"}, {"ja": "監査部 部長", "en": "Head of internal audit"}),
    ({"ja": "鈴木 太郎", "en": "Taro Suzuki"}, {"ja": "社外監査役", "en": "Outside company auditor"}),
)
OPERATOR: Final = """
[operator]
name_ja = "試用の会社 監査部・社外監査役"
name_en = "Trial company, internal audit"
contact = "speakup@example.jp"
purpose_ja = "通報を調べ、是正し、通報者に答えるためだけに使います。"
purpose_en = "To look into what is reported, to put it right and to answer the person who reported; nothing else."
retention_ja = "対応が終わってから3年間保管し、その後に消します。"
retention_en = "For three years after the case is closed. Then it is deleted."
"""

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


def post_samples(base: str) -> str:
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
