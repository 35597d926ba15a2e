#!/bin/sh
# Makes the container image: `sh deploy/image/build.sh PACKAGE OUT` (`make image`). PACKAGE is the Debian package.
# From nothing: Debian's own packages, by the sources of this machine's apt, and the package; no image of others.
# Needs root, debootstrap and buildah.
set -eu
package=$(realpath "$1")
out=$2
for needed in debootstrap buildah; do
    command -v "$needed" >/dev/null || { echo "missing: apt-get install debootstrap buildah" >&2; exit 1; }
done
[ "$(id -u)" -eq 0 ] || { echo "make image needs root: debootstrap makes device files and owners" >&2; exit 1; }

version=$(dpkg-deb -f "$package" Version)
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
# Where this machine's apt gets that suite from.
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' |
    awk -v suite="$suite" '$2 == suite && $3 == "main" {print $1; exit}')
[ -n "$mirror" ] || { echo "apt of this machine has no source for $suite: run apt-get update" >&2; exit 1; }

folder=$(mktemp -d)
container=
cleanup() {
    [ -z "$container" ] || buildah rm "$container" >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap cleanup EXIT
tree=$folder/tree

debootstrap --variant=minbase --include=python3,ca-certificates,libstdc++6 "$suite" "$tree" "$mirror" \
    >"$folder/log" 2>&1 || { tail -20 "$folder/log" >&2; exit 1; }
echo "meyasubako:x:64642:64642:Meyasubako:/var/lib/meyasubako:/usr/sbin/nologin" >>"$tree/etc/passwd"
echo "meyasubako:x:64642:" >>"$tree/etc/group"
# Its units and maintainer's scripts are of no use in a container. (/lib is a link: `dpkg-deb -x` would replace it.)
dpkg-deb --fsys-tarfile "$package" |
    tar -x -C "$tree" --keep-directory-symlink --exclude './lib/*' --exclude './usr/lib/*.d/*'
chroot "$tree" /usr/lib/meyasubako/bin/python3 -I -m compileall -q /usr/lib/meyasubako/lib
install -d -o 64642 -g 64642 -m 700 "$tree/var/lib/meyasubako"
# Nothing of the machine that built it, no program that gives rights, and nothing that a container does not need.
rm -rf "$tree"/var/cache/apt/* "$tree"/var/lib/apt/lists/* "$tree"/var/log/* "$tree"/tmp/* "$tree"/usr/share/man \
    "$tree"/usr/share/locale "$tree"/usr/share/info "$tree"/etc/apt/sources.list "$tree"/etc/apt/sources.list.d \
    "$tree"/etc/hostname "$tree"/etc/resolv.conf "$tree"/etc/machine-id
find "$tree" -xdev -type f -perm /6000 -exec chmod ug-s {} +

container=$(buildah from --format docker scratch)
# Not `buildah copy`, which gives everything to root: the data's folder is the server's user's.
cp -a "$tree/." "$(buildah mount "$container")/"
buildah umount "$container" >/dev/null
buildah config \
    --user 64642:64642 \
    --workingdir /var/lib/meyasubako \
    --env MEYASUBAKO_CONFIG=/var/lib/meyasubako/meyasubako.toml \
    --env PYTHONDONTWRITEBYTECODE=1 \
    --volume /var/lib/meyasubako \
    --port 8000/tcp \
    --stop-signal SIGTERM \
    --entrypoint '["/usr/bin/meyasubako"]' \
    --cmd serve \
    --healthcheck 'CMD /usr/bin/meyasubako health' \
    --label org.opencontainers.image.title=meyasubako \
    --label org.opencontainers.image.version="$version" \
    --label org.opencontainers.image.licenses=AGPL-3.0-or-later \
    "$container"
mkdir -p "$out"
rm -f "$out/meyasubako-image-$version.tar"
# Docker's form of the manifest, since OCI's has no place for a health check; every engine loads it.
buildah commit -q --format docker "$container" \
    "docker-archive:$out/meyasubako-image-$version.tar:localhost/meyasubako:$version" >/dev/null
echo "$out/meyasubako-image-$version.tar"
