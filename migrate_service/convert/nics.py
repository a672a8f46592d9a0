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

"""The names of network cards: which the guest's configuration needs.

VMware's PCI slots give names such as ens192; on other hardware the kernel
would name the same card differently and the guest would be unreachable. The
names are kept by pinning each to the card's hardware address.
"""

import re

from migrate_service.convert import nicfiles

#: Where systemd is new enough to have this, .link files name the cards.
DEFAULT_LINKS = (
    '/usr/lib/systemd/network/99-default.link',
    '/lib/systemd/network/99-default.link',
)
#: folder, suffix, parser of one file
FOLDERS = (
    ('/etc/network/interfaces.d', '', nicfiles.ifupdown),
    ('/etc/netplan', '.yaml', nicfiles.netplan),
    ('/etc/sysconfig/network-scripts', '', nicfiles.ifcfg),
    ('/etc/sysconfig/network', '', nicfiles.ifcfg),
    (
        '/etc/NetworkManager/system-connections',
        '.nmconnection',
        nicfiles.networkmanager,
    ),
    ('/etc/systemd/network', '.network', nicfiles.networkd),
    ('/etc/systemd/network', '.link', nicfiles.link),
    ('/etc/udev/rules.d', '-net.rules', nicfiles.udev_rules),
)
MAX_FILES = 200


def supports_link_files(guest):
    """Return whether udev of a mounted guest reads systemd.link(5)."""
    return any(map(guest.is_file, DEFAULT_LINKS))


def configured(guest):
    """Return ``model.Interface`` of each name a mounted guest relies on."""
    path = '/etc/network/interfaces'
    found = list(nicfiles.ifupdown(guest.text(path), path))
    for folder, suffix, parse in FOLDERS:
        for name in guest.names(folder, suffix)[:MAX_FILES]:
            path = f'{folder}/{name}'
            found += parse(guest.text(path), path)
    return tuple(dict.fromkeys(found))


def slot_order(name):
    """Sort names as VMware numbers its PCI slots.

    Slots 160, 192, 224, 256 are the first function of four bridges, 161 and
    so on their second: ens192 comes before ens224, ens256 before ens161.
    """
    slot = re.fullmatch(r'ens(\d+)', name)
    if slot and int(slot.group(1)) >= 160:
        number = int(slot.group(1)) - 160
        return 1, number % 32, number // 32
    digits = [int(part) for part in re.findall(r'\d+', name)]
    return 0, *digits, 0


def pins(interfaces, macs):
    """Return ``([(name, mac)], warnings)``: the names to keep; pure.

    A name whose configuration says a hardware address goes to that card;
    the others in the order of slots to the remaining cards in the order of
    the source. Cards that the guest names itself are left alone.

    :param interfaces: ``Inspection.interfaces``.
    :param macs: hardware addresses in the source's order.
    """
    macs = [mac.lower() for mac in macs]
    own = {i.name for i in interfaces if i.pinned and i.mac in macs}
    known = {i.name: i.mac for i in interfaces if i.mac in macs}
    named = {name: mac for name, mac in known.items() if name not in own}
    taken = set(known.values())
    free_macs = [mac for mac in macs if mac not in taken]
    free_names = sorted(
        {i.name for i in interfaces} - set(known), key=slot_order
    )
    named.update(zip(free_names, free_macs, strict=False))
    warnings = []
    if interfaces:
        warnings = _unmatched(free_names, free_macs)
    return sorted(named.items(), key=lambda pin: macs.index(pin[1])), warnings


def _unmatched(names, macs):
    warnings = [
        f'The guest configures {name}, but the machine has no card for it.'
        for name in names[len(macs) :]
    ]
    warnings += [
        f'The guest does not configure the network card {mac}: it gets '
        'whatever name its kernel gives.'
        for mac in macs[len(names) :]
    ]
    return warnings


def write_pins(guest, pinned, *, driver, link_files):
    """Make a mounted guest name its cards so; return what changed.

    The match on the driver keeps VLANs and bonds, which share the address
    of their card, out of it.

    :param pinned: list of ``(name, mac)``.
    :param driver: kernel driver of the cards on the new hardware.
    :param link_files: ``Inspection.link_files``.
    """
    if not link_files:
        return _write_rules(guest, pinned)
    changes = []
    for name, mac in pinned:
        path = f'/etc/systemd/network/10-{name}.link'
        text = (
            f'[Match]\nMACAddress={mac}\nDriver={driver}\n\n'
            f'[Link]\nName={name}\n'
        )
        if guest.write(path, text):
            changes.append(f'{path} keeps the name {name} for {mac}.')
    return changes


def _write_rules(guest, pinned):
    """For udev before systemd.link(5)."""
    path = '/etc/udev/rules.d/70-migration-net.rules'
    text = ''.join(
        'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", '
        f'ATTR{{address}}=="{mac}", ATTR{{type}}=="1", NAME="{name}"\n'
        for name, mac in pinned
    )
    if not pinned or not guest.write(path, text):
        return []
    return [f'{path} keeps the name {name} for {mac}.' for name, mac in pinned]
