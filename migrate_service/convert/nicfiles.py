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

"""Parsers of network configuration files; pure, and never trusting them.

Each takes a file's text and path and returns ``model.Interface`` for every
name of a network card that the file relies on.
"""

import configparser
import fnmatch
import re

import yaml

from migrate_service.convert import model

#: Names that the kernel or udev gives to Ethernet cards.
CARD = r'(?:eth\d+|en[spo]\w+|em\d+|p\d+p\d+)'
MAC = re.compile(r'(?:[0-9a-f]{2}:){5}[0-9a-f]{2}')


def _interface(name, path, mac='', *, pinned=False):
    """Return ``[Interface]``, or nothing when ``name`` is not a card's."""
    if not isinstance(name, str) or not re.fullmatch(CARD, name):
        return []
    address = MAC.search(str(mac).lower().replace('-', ':'))
    mac = address.group() if address else None
    return [model.Interface(name=name, path=path, mac=mac, pinned=pinned)]


def ifupdown(text, path):
    """interfaces(5): also the ports of bonds, bridges and VLANs."""
    lines = (line.partition('#')[0] for line in text.splitlines())
    names = re.findall(rf'\b({CARD})\b', '\n'.join(lines))
    return [
        interface
        for name in dict.fromkeys(names)
        for interface in _interface(name, path)
    ]


def netplan(text, path):
    """netplan(5): ``ethernets``, by id, by match and set-name."""
    try:
        cards = yaml.safe_load(text)['network']['ethernets'].items()
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        return []
    found = []
    for name, card in cards:
        card = card if isinstance(card, dict) else {}
        match = card.get('match')
        match = match if isinstance(match, dict) else {}
        mac, new_name = match.get('macaddress', ''), card.get('set-name')
        if mac and new_name:
            found += _interface(new_name, path, mac, pinned=True)
        elif match.get('name'):
            found += _interface(match['name'], path)
        elif not match:
            found += _interface(name, path)
    return found


def ifcfg(text, path):
    """ifcfg-* of Red Hat and SUSE, by DEVICE or the name of the file."""
    file_name = path.rpartition('/')[2]
    if not file_name.startswith('ifcfg-'):
        return []
    values = dict(re.findall(r'^\s*(\w+)=["\']?([^"\'\s#]*)', text, re.M))
    mac = values.get('HWADDR', '')
    name = values.get('DEVICE', '')
    if not name and not mac:
        name = file_name.removeprefix('ifcfg-')
    return _interface(name, path, mac)


def networkmanager(text, path):
    """Keyfiles of NetworkManager with an ``interface-name``."""
    sections = _sections(text)
    name = sections.get('connection', {}).get('interface-name', '')
    mac = ''
    for section in ('ethernet', '802-3-ethernet'):
        mac = sections.get(section, {}).get('mac-address', mac)
    return _interface(name, path, mac)


def networkd(text, path):
    """systemd.network(5): [Match] Name=, without patterns."""
    match = _sections(text).get('match', {})
    return [
        interface
        for name in match.get('name', '').split()
        for interface in _interface(name, path, match.get('macaddress', ''))
    ]


def link(text, path):
    """systemd.link(5): a card that the guest names by its address."""
    sections = _sections(text)
    match = sections.get('match', {})
    mac = match.get('macaddress') or match.get('permanentmacaddress', '')
    name = sections.get('link', {}).get('name', '')
    driver = match.get('driver', 'virtio_net')
    elsewhere = match.keys() & {'path', 'originalname'}
    if not mac or elsewhere or not fnmatch.fnmatch('virtio_net', driver):
        return []
    return _interface(name, path, mac, pinned=True)


def udev_rules(text, path):
    """70-persistent-net.rules: cards that the guest names by address."""
    found = []
    for line in text.splitlines():
        name = re.search(r'\bNAME="([^"]+)"', line)
        mac = re.search(r'ATTR\{address\}=="([^"]+)"', line)
        if name and mac and not line.lstrip().startswith('#'):
            found += _interface(name[1], path, mac[1], pinned=True)
    return found


def _sections(text):
    """Return an INI file as ``{section: {key: value}}``, lower case."""
    parser = configparser.ConfigParser(
        strict=False, interpolation=None, allow_no_value=True, delimiters='='
    )
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    return {
        section.lower(): {key: value or '' for key, value in items.items()}
        for section, items in parser.items()
    }
