"""The settings file that `meyasubako init` writes: a line for each setting, commented out where it has a default."""

from __future__ import annotations

from typing import Final

SETTINGS_FILE: Final = """\
# 目安箱の設定 / The settings of one Meyasubako site. Relative paths are relative to this file's folder.
# 変更したら: meyasubako-site doctor、systemctl reload meyasubako
# After a change: meyasubako-site doctor, then systemctl reload meyasubako.

[site]
# 画面に出る名前 / The name on every page, in Japanese and in English.
name_ja = {name_ja}
name_en = {name_en}
# 会社がこのサイトを、公益通報の窓口としてあらかじめ定めているか（公益通報者保護法 第2条第1項）。定めていれば true。
# Has the company designated this line beforehand for reports inside (Whistleblower Protection Act, Art. 2(1))?
designated = {designated}
# 会社の外の窓口に自社の案内を加えるファイル / A file with contacts of your own, beside those of the law.
# contacts_file = "contacts.toml"
# 「すぐに離れる」の行き先(https のみ) / Where "Leave now" leads: a page that tells nothing.
exit_url = {exit_url}
# 何についての通報かを書式で尋ねるか / Does the form ask what a report is about?
# ask_category = true
# 社内の回線で見ている人に知らせるか(リバースプロキシの設定が必要) / Tell visitors who are in the company's network?
# inside_banner = true
# 人に知らせるアドレス(掲示用) / The address that people are told: for `meyasubako poster`.
# address = "https://speakup.example.jp"
# onion service のアドレス / The onion service's address, from its file `hostname`.
# onion = "http://….onion"

# 運営者と、個人情報の取扱い。利用者の画面に出ます。書くときは、すべての行を書いてください。
# Who runs the site, and the privacy notice: shown to reporters. All lines or none.
# [operator]
# name_ja = "○○株式会社 監査部・社外監査役"
# name_en = "Example Inc., Internal Audit and outside auditors"
# contact = "speakup@example.jp"
# purpose_ja = "寄せられた通報を調べ、是正し、通報者に答えるためだけに使います。"
# purpose_en = "Reports are used only to look into them, to put things right and to answer the person who reported."
# retention_ja = "対応が終わってから3年間保管し、その後に消します。"
# retention_en = "Kept for three years after the case is closed, then deleted."
# 入力できない人のための、電話や手紙などの方法(任意) / Optional, for people who can't type: telephone, letter.
# ways_ja = "社外監査役 ○○あての手紙（住所）"
# ways_en = "A letter to the outside auditor (address)"

[store]
# SQLite のファイル、または PostgreSQL / A SQLite file, or postgresql+psycopg://user:password@host/database
# (with a password in it, this file has to be readable by the server's user only: chmod 600).
url = {url}

[server]
# リバースプロキシや onion service の後ろに置き、外には直接出さないでください。
# Behind a reverse proxy or an onion service, never on a public address itself; unix:/run/... works too.
bind = {bind}
# workers = 4      # default: one for each core, 2 to 8
# threads = 16
# 受付の証明の署名と書式の鍵。通報は開けませんが、他人に見せないでください(docs/operations.md)。
# Signs receipts and dates forms. It opens no report; keep it private all the same.
secret_file = "server.secret"
# 複数台のときだけ / For several machines only: 32 bytes on a memory file system (ADR 0005).
# token_key_file = "/dev/shm/meyasubako.token"

[limits]
# 1回の送信の大きさの上限 / The largest request, in bytes.
# max_request_bytes = 2000000
# 添付ファイルの大きさ、数、通報を待つものの合計 / Files: the largest, how many, all that wait for a report.
# max_file_bytes = 200000000
# max_files = 20
# max_waiting_bytes = 10000000000

# 会社自身の約束(日数)。デスクが期限として数えます。書かなければ、数えません。
# What the company promises by itself, in days after a report (retention: after the close). No line: no clock.
[promises]
# acknowledge_days = 7
# decide_days = 20
# result_days = 90
# retention_days = 1095

# 担当者への毎日の確認メール。書くときは、[mail] と次の3行が必要です。
# The daily reminder to the auditors: [mail] and its first three lines, or none (docs/operations.md, sections 2 and 7).
# [mail]
# host = "mail.example.jp"
# sender = "speakup@example.jp"
# to = ["hanako.sato@example.jp", "taro.suzuki@example.jp"]
# security = "tls"      # or "starttls"; "none" for a mail server on this computer only
# port = 465
# user = "speakup"
# password_file = "mail.password"
# ca_file = "authority.pem"
# hour = 9

# Prometheus のための数値 / Metrics for Prometheus (docs/metrics.md).
# [metrics]
# bind = "127.0.0.1:9108"
# beyond_this_machine = false
"""
