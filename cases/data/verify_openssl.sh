#!/bin/sh
# Checks a certificate or a proof of burying with openssl (3.0 or newer) and a shell, nothing else. Exit code: 0 good,
# 1 bad, 2 no policy or too few witnesses. Below the functions stand the values of the file and of your own policy.
# Not decided here: the form of the file, the text of envelopes, whether all leaves are of one case, the counts in day
# leaves, a second line of the log while its key is changed.
set -u
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT && cd "$work" || exit 3
verdict=0 changes= keys= newest= promised= site= before= there= days=
bad() { echo "BAD: $1"; exit 1; }
raw() { printf %s "$1" | openssl base64 -d -A; }
hash() { openssl dgst -sha256 -binary; }
text() { openssl base64 -A; }
shown() { LC_ALL=C tr -cd '\n\40-\176'; }
key() { { printf '\060\052\060\005\006\003\053\145\160\003\041\000'; raw "$1"; } > key; }
holds() { openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in said -sigfile sig > /dev/null 2>&1 || bad "$1"; }
# log NAME KEY | checkpoint ORIGIN SIZE ROOT SIGNATURE | witness NAME KEY TIME SIGNATURE
log() { log_key=$2 policy_key=$2; echo "log: $1"; }
# change INDEX DAY SALT OLD NEW SIGNATURE SIGNATURE: both keys signed it; a checkpoint above it is signed by the new one
change() {
  { printf 'mybk1/logkey\n'; octal "$3"; printf %s "$2"; raw "$4"; raw "$5"; } > said
  key "$4"; raw "$6" > sig; holds "change of the key, by the old one"; key "$5"; raw "$7" > sig; holds "change of the key, by the new one"
  [ -z "$changes" ] && log_key=$4 keys=" $4 " || [ "$4" = "$newest" ] || bad "change of the key: not the next one"
  changes="$changes $1:$5" keys="$keys $5 " newest=$5; echo "$2: the log's key was changed, signed by both keys"
}
follow() { case $keys in *" $policy_key "*) ;; *) bad "change of the key: not from your policy's";; esac; }
checkpoint() {
  origin=$1 size=$2 root=$3; printf '%s\n%s\n%s\n' "$1" "$2" "$3" > body; cp body said
  [ -n "$4" ] || bad "no signature of the log's key"
  signer=$log_key; for pair in $changes; do [ "$size" -le "${pair%%:*}" ] || signer=${pair#*:}; done
  key "$signer"; raw "$4" > sig; holds "signature of the log"; echo "checkpoint of $2 leaves: signed by the log"
}
witness() {
  { printf 'cosignature/v1\ntime %s\n' "$3"; cat body; } > said
  key "$2"; raw "$4" > sig; holds "cosignature of $1"; echo "  cosigned by $1"
}
# leaf INDEX LEAF HASH...: the leaf is at this place of the tree
leaf() {
  index=$1; raw "$2" > leaf; { printf '\0'; cat leaf; } | hash > node; leaf_hash=$(text < node); shift 2
  at=$index last=$((size - 1)); [ "$index" -lt "$size" ] || bad "leaf $index: not in the tree"
  for sibling; do
    [ "$last" -gt 0 ] || bad "leaf $index: path too long"
    if [ $((at % 2)) -eq 1 ] || [ "$at" -eq "$last" ]; then
      { printf '\1'; raw "$sibling"; cat node; } | hash > next
      while [ $((at % 2)) -eq 0 ] && [ "$at" -gt 0 ]; do at=$((at / 2)) last=$((last / 2)); done
    else { printf '\1'; cat node; raw "$sibling"; } | hash > next; fi
    mv next node; at=$((at / 2)) last=$((last / 2))
  done
  [ "$last" -eq 0 ] && [ "$(text < node)" = "$root" ] || bad "leaf $index: not in the tree"
  case $index in 0) head -n 1 leaf | grep -qx mybk1/site && [ "$(sed -n 3p leaf)" = "$origin" ] || bad "first leaf"
    site=$(sed -n 5p leaf); rule=$(sed -n 7p leaf);; esac
  echo "leaf $index: in the tree"; case $(head -c 10 leaf | openssl base64 -A) in
    bXliazEvZGF5Cg==) sed 's/^/  /' leaf | shown; days="$days $(sed -n 2p leaf | tr -d -)";; esac
  [ "$leaf_hash" != "$promised" ] || there=$index
}
# rule TEXT: the one that the first leaf names
rule() { [ "$(printf %s "$1" | openssl base64 -d -A | openssl dgst -sha256 -r | cut -c1-64)" = "$rule" ] || bad "rule"; }
# opened BLINDING OPENING: what the leaf before says
opened() {
  { printf 'mybk1/leaf\n'; raw "$1"; raw "$2"; } | hash > node; head -c 32 leaf > said
  cmp -s node said || bad "leaf $index: says something else"; raw "$2" | sed 's/^/  /' | shown
}
# promise DAY LEAF SIGNATURE | receipt DAY ENVELOPE SIGNATURE: signed by the key in the first leaf
key_of_site() { key "$(octal "$site" | text)"; }
octal() { for pair in $(printf %s "$1" | sed 's/../& /g'); do printf "\\$(printf %03o "0x$pair")"; done; }
promise() {
  { printf 'mybk1/logged\n'; raw "$2"; printf %s "$1"; } > said; key_of_site; raw "$3" > sig
  holds "promise"; echo "promise: signed, for $1"
}
receipt() {
  { printf 'mybk1/receipt\n'; raw "$2"; printf %s "$1"; } > said; key_of_site; raw "$3" > sig
  holds "receipt"; echo "receipt: signed, on $1"
}
# run INDEX...: nothing is missing between two day leaves
run() { for next; do [ -z "$before" ] || [ "$next" -eq $((before + 1)) ] || bad "leaf $((before + 1)) is missing"; before=$next; done; }
# within DAY: not before the first day leaf, and before the second
within() {
  day=$1; set -- $days
  [ $# -eq 2 ] && [ "$1" -le "$day" ] && [ "$day" -lt "$2" ] || bad "the promise is for another day"
}
open() { verdict=2; echo "OPEN: $1"; }
