#!/bin/sh
# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

# prepare.sh prepare [MAC=NEWMAC ...] | revert
#
# Makes a running Linux guest bootable on virtio hardware, or takes that back.
# Runs inside the guest, as root; POSIX shell and what an initramfs tool needs.
# MAC is the address of a card as the guest has it, NEWMAC the one that it
# will have. Every change is a file of ours, or has a copy of what was there:
#
#   /etc/initramfs-tools/hooks/migrate-virtio   or
#   /etc/dracut.conf.d/90-migrate-virtio.conf   virtio in every initramfs
#   /etc/systemd/network/10-migrate-NAME.link   or
#   /etc/udev/rules.d/70-migrate-net.rules      names of cards, on virtio only
#   \EFI\BOOT\BOOTX64.EFI                       if the guest has none
#   INITRAMFS.migrate-backup                    beside each that was rebuilt
#   /var/lib/migrate-prepare                    what was made, with checksums
#
# May be run again at any time: what is done is left alone. Exit codes are
# explained in preparation.py; the last line of the output repeats them.

set -u
export LC_ALL=C PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin
umask 022

STATE=/var/lib/migrate-prepare
LOCK=/run/migrate-prepare.lock
BACKUP=.migrate-backup
DRIVERS='virtio_pci virtio_blk virtio_scsi virtio_net sd_mod'
HOOK=/etc/initramfs-tools/hooks/migrate-virtio
DRACUT=/etc/dracut.conf.d/90-migrate-virtio.conf
RULES=/etc/udev/rules.d/70-migrate-net.rules

say() { echo "migrate: $*"; }

die() {
    code=$1
    shift
    say "$@"
    exit "$code"
}

finish() {
    code=$?
    trap - EXIT
    echo "migrate: result $code"
    exit "$code"
}

checksum() { sha256sum < "$1" | cut -d ' ' -f 1; }

same() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

# Only root may; sudo without a password is as good.
become_root() {
    [ "$(id -u)" = 0 ] && return
    if command -v sudo > /dev/null && sudo -n true 2> /dev/null; then
        trap - EXIT
        exec sudo -n /bin/sh "$0" "$@"
    fi
    die 11 "this needs root, or sudo without a password"
}

# One at a time: an earlier one may still run.
lock() {
    exec 9> "$LOCK" || die 17 "$LOCK cannot be written"
    flock -w 900 9 || die 18 "another preparation is running"
}

find_tool() {
    if command -v update-initramfs > /dev/null \
        && command -v mkinitramfs > /dev/null \
        && [ -d /etc/initramfs-tools ]; then
        echo initramfs-tools
    elif command -v dracut > /dev/null; then
        echo dracut
    else
        echo none
    fi
}

# The initramfs of a kernel, as boot loaders are told of it.
image_of() {
    for path in "/boot/initrd.img-$1" "/boot/initramfs-$1.img" \
        "/boot/initrd-$1" "/boot/initrd-$1.img"; do
        [ -f "$path" ] && echo "$path" && return
    done
}

kernels() {
    for tree in /lib/modules/*; do
        version=${tree##*/}
        [ -f "$tree/modules.dep" ] || continue
        [ -n "$(image_of "$version")" ] && echo "$version"
    done
}

# Whether a kernel has a driver, as a module or built in.
has_driver() {
    file=$(echo "$2" | sed 's/_/[-_]/g')
    grep -Eqs "(^|/)$file\.ko" "/lib/modules/$1/modules.dep" \
        "/lib/modules/$1/modules.builtin"
}

built_in() {
    file=$(echo "$2" | sed 's/_/[-_]/g')
    grep -Eqs "(^|/)$file\.ko" "/lib/modules/$1/modules.builtin"
}

list_image() {
    if [ "$TOOL" = dracut ]; then lsinitrd "$1"; else lsinitramfs "$1"; fi
}

# Whether an initramfs finds its disk on virtio, driver by driver.
is_ready() {
    names=$(list_image "$2" 2> /dev/null) || return 1
    for driver in virtio_pci virtio_blk virtio_scsi; do
        has_driver "$1" "$driver" || continue
        built_in "$1" "$driver" && continue
        file=$(echo "$driver" | sed 's/_/[-_]/g')
        echo "$names" | grep -Eq "/$file\.ko" || return 1
    done
}

build() {
    if [ "$TOOL" = dracut ]; then
        dracut --force "$2" "$1"
    else
        update-initramfs -u -k "$1"
    fi
}

# The lines that a file of ours must have; what was there stays as it was.
put() {
    same "$1" "$2" && return
    mkdir -p "${1%/*}" || die 17 "${1%/*} cannot be written"
    grep -Fxqs "$1" "$STATE/files" || echo "$1" >> "$STATE/files"
    if printf '%s\n' "$2" > "$1.migrate-new" \
        && chmod "$3" "$1.migrate-new" && mv "$1.migrate-new" "$1"; then
        say "wrote $1"
    else
        die 17 "$1 cannot be written"
    fi
}

put_drivers() {
    if [ "$TOOL" = dracut ]; then
        put "$DRACUT" "add_drivers+=\" $DRIVERS \"" 644
    else
        put "$HOOK" "#!/bin/sh
# Made by Migrate, so that this system also boots on virtio hardware.
[ \"\${1:-}\" = prereqs ] && exit 0
. /usr/share/initramfs-tools/hook-functions
manual_add_modules $DRIVERS" 755
    fi
}

# NAME MAC of each physical card, as the kernel knows it now.
cards() {
    for card in /sys/class/net/*; do
        [ -e "$card/device" ] || continue
        mac=$(cat "$card/bonding_slave/perm_hwaddr" 2> /dev/null \
            || cat "$card/address" 2> /dev/null)
        echo "${card##*/} $mac"
    done
}

# Names stay with their cards. Only virtio is matched: nothing changes here.
put_names() {
    rules=
    links=
    for path in /usr/lib/systemd/network /lib/systemd/network; do
        [ -f "$path/99-default.link" ] && links=yes
    done
    for pair in "$@"; do
        name=$(cards | awk -v mac="${pair%%=*}" \
            'tolower($2) == mac { print $1; exit }')
        if [ -z "$name" ]; then
            say "no card has the address ${pair%%=*}"
        elif [ -n "$links" ]; then
            put "/etc/systemd/network/10-migrate-$name.link" "[Match]
MACAddress=${pair#*=}
Driver=virtio_net

[Link]
Name=$name" 644
        else
            rules="$rules
SUBSYSTEM==\"net\", ACTION==\"add\", DRIVERS==\"virtio_net\", \
ATTR{address}==\"${pair#*=}\", ATTR{type}==\"1\", NAME=\"$name\""
        fi
    done
    [ -z "$rules" ] || put "$RULES" "# Made by Migrate$rules" 644
}

# Fresh firmware looks for one path only; a shim needs what is beside it.
put_loader() {
    [ -d /sys/firmware/efi ] || return 0
    esp=
    for path in /boot/efi /efi /boot; do
        [ -d "$path/EFI" ] && esp=$path && break
    done
    if [ -z "$esp" ]; then
        say "no EFI system partition is mounted: nothing was copied there"
        return 0
    fi
    set -- "$esp"/[Ee][Ff][Ii]/[Bb][Oo][Oo][Tt]/[Bb][Oo][Oo][Tt][Xx]64.[Ee][Ff][Ii]
    [ -f "$1" ] && return 0
    for loader in shimx64.efi grubx64.efi systemd-bootx64.efi; do
        for path in "$esp"/EFI/*/"$loader"; do
            [ -f "$path" ] && copy_loader "$esp/EFI/BOOT" "$path" && return
        done
    done
    say "no boot loader is known in $esp"
}

copy_loader() {
    mkdir -p "$1" || die 17 "$1 cannot be written"
    if [ "${2##*/}" = shimx64.efi ]; then
        for mate in grubx64.efi mmx64.efi; do
            [ -f "${2%/*}/$mate" ] && [ ! -e "$1/$mate" ] || continue
            echo "$1/$mate" >> "$STATE/files"
            cp "${2%/*}/$mate" "$1/$mate" || die 17 "$1 cannot be written"
        done
    fi
    echo "$1/BOOTX64.EFI" >> "$STATE/files"
    if cp "$2" "$1/BOOTX64.EFI.new" \
        && mv "$1/BOOTX64.EFI.new" "$1/BOOTX64.EFI"; then
        say "copied $2 to $1/BOOTX64.EFI"
    else
        die 17 "$1 cannot be written"
    fi
}

# A copy of every image, and the largest one twice while it is rebuilt.
check_space() {
    needed=0
    largest=0
    for version in $1; do
        image=$(image_of "$version")
        size=$(($(wc -c < "$image") / 1024 + 1))
        [ -f "$image$BACKUP" ] || needed=$((needed + size))
        [ "$size" -gt "$largest" ] && largest=$size
    done
    needed=$((needed + largest * 3 / 2 + 8192))
    free=$(df -Pk /boot | awk 'NR == 2 { print $4 }')
    [ "$free" -ge "$needed" ] \
        || die 13 "/boot has $free KiB free and needs $needed KiB"
}

keep() {
    [ -f "$1$BACKUP" ] && return
    cp -p "$1" "$1$BACKUP.new" && mv "$1$BACKUP.new" "$1$BACKUP"
}

rebuild() {
    image=$(image_of "$1")
    keep "$image" || die 17 "$image$BACKUP cannot be written"
    say "rebuilding $image with $TOOL"
    if ! build "$1" "$image"; then
        restore "$image"
        die 15 "$TOOL failed; $image is as it was"
    fi
    if ! is_ready "$1" "$image"; then
        restore "$image"
        die 16 "$TOOL left virtio out; $image is as it was"
    fi
    checksum "$image" > "$STATE/${image##*/}.sha256"
    say "virtio is in $image"
}

restore() { cp -p "$1$BACKUP" "$1.migrate-new" && mv "$1.migrate-new" "$1"; }

prepare() {
    [ "$TOOL" != none ] || die 12 "neither initramfs-tools nor dracut is here"
    found=$(kernels)
    [ -n "$found" ] || die 19 "no kernel with an initramfs is in /boot"
    for version in $found; do
        for driver in virtio_pci virtio_blk virtio_net; do
            has_driver "$version" "$driver" \
                || die 14 "the kernel $version has no driver $driver"
        done
    done
    late=
    for version in $found; do
        is_ready "$version" "$(image_of "$version")" \
            || late="$late $version"
    done
    [ -z "$late" ] || check_space "$late"
    mkdir -p "$STATE" || die 17 "$STATE cannot be written"
    [ -f "$STATE/files" ] || : > "$STATE/files" \
        || die 17 "$STATE cannot be written"
    [ "$0" = "$STATE/prepare.sh" ] || cp "$0" "$STATE/prepare.sh" \
        || die 17 "$STATE cannot be written"
    put_names "$@"
    put_loader
    put_drivers
    for version in $late; do
        rebuild "$version"
    done
    for version in $found; do
        say "kernel $version ready"
    done
    sync
}

# The very image that was there, if ours is; else one made without our file.
unbuild() {
    version=$1
    image=$(image_of "$version")
    [ -f "$image$BACKUP" ] || return 0
    if same "$STATE/${image##*/}.sha256" "$(checksum "$image")"; then
        restore "$image" || die 17 "$image cannot be written"
        say "$image is as it was"
    elif [ "$(checksum "$image")" != "$(checksum "$image$BACKUP")" ]; then
        say "$image was rebuilt since: rebuilding it"
        build "$version" "$image" \
            || die 15 "$TOOL failed; the old one is $image$BACKUP"
    fi
    rm -f "$image$BACKUP" "$STATE/${image##*/}.sha256"
}

revert() {
    [ -d "$STATE" ] || { say "nothing was prepared here" && return; }
    while read -r path; do
        rm -f "$path" && say "removed $path"
    done < "$STATE/files"
    for version in $(kernels); do
        unbuild "$version"
    done
    rm -rf "$STATE"
    sync
}

trap finish EXIT
[ "$(uname -s)" = Linux ] || die 10 "this is no Linux"
become_root "$@"
command="${1:-}"
shift
lock
TOOL=$(find_tool)
case "$command" in
    prepare) prepare "$@" ;;
    revert) revert ;;
    *) die 2 "prepare or revert" ;;
esac
