#!/bin/sh
# Makes the secrets of compose.yaml that are only random, in deploy/secrets (or the folder given). What is there stays as it is.
# Still to be put there by hand: tls-certificate, tls-key, smtp-url.
set -eu
folder=${1:-$(dirname "$0")/../secrets}
mkdir -p "$folder"
# Whoever may enter the folder may read: the containers' users have other ids than yours, and get each file by itself.
chmod 700 "$folder"
cd "$folder"

random() { openssl rand -hex 32; }

write() {
  [ -s "$1" ] || printf '%s\n' "$2" >"$1"
  chmod 444 "$1"
}

write secret-key "$(openssl rand -base64 48)"
write postgres-admin-password "$(random)"
write postgres-password "$(random)"
write redis-password "$(random)"
write database-url "postgres://fluentmeet:$(cat postgres-password)@postgres:5432/fluentmeet"
write redis-url "redis://fluentmeet:$(cat redis-password)@redis:6379"
hash=$(printf %s "$(cat redis-password)" | openssl dgst -sha256 -r | cut -d ' ' -f 1)
write redis-acl "user default off
user fluentmeet on #$hash ~fm:* &fm:* +@all -@admin -@dangerous +info +client|unblock +cluster|slots +cluster|info"

for name in tls-certificate tls-key smtp-url; do
  [ -s "$name" ] || echo "still missing: $folder/$name"
done
