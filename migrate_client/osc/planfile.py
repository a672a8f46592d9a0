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

"""Plan files: a plan as YAML, with machines by their names."""

import yaml
from osc_lib import exceptions

#: What a file may hold beside ``source`` and ``waves``, in the order in
#: which it is exported.
MEMBERS = (
    'name',
    'description',
    'kind',
    'concurrency',
    'on_failure',
    'retries',
    'options',
    'windows',
)
_MACHINE = ('machine', 'group', 'overrides')


def read(path):
    """Return what a plan file holds, a dict.

    :raises CommandError: it cannot be read, or is no plan.
    """
    try:
        with open(path, 'rb') as file:
            return parse(path, file.read())
    except OSError as error:
        raise exceptions.CommandError(f'{path}: {error.strerror}') from None


def parse(path, content):
    """Return what the bytes of a plan file hold, a dict.

    :param path: how the file is called in errors.
    :raises CommandError: it is no plan.
    """
    try:
        found = yaml.safe_load(content.decode())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise exceptions.CommandError(f'{path}: {error}') from None
    if not isinstance(found, dict):
        raise exceptions.CommandError(f'{path}: this is no mapping.')
    known = (*MEMBERS, 'source', 'waves')
    for name in found:
        if name not in known:
            raise exceptions.CommandError(
                f'{path}: {name}: is not known here; known are '
                f'{", ".join(known)}.'
            )
    return found


def attributes(path, found, machines):
    """Return the attributes of a plan from a file.

    :param found: what :func:`read` returned.
    :param machines: the machines of its source.
    :raises CommandError: naming the place.
    """
    plan = {name: found[name] for name in MEMBERS if name in found}
    if 'waves' in found:
        names: dict[str, list[str]] = {}
        for machine in machines:
            names.setdefault(machine.name, []).append(machine.id)
            names.setdefault(machine.id, []).append(machine.id)
        plan['waves'] = [
            _wave(f'{path}: waves.{number}', wave, names)
            for number, wave in enumerate(_list(path, 'waves', found))
        ]
    return plan


def _list(where, name, holder):
    value = holder.get(name, [])
    if not isinstance(value, list):
        raise exceptions.CommandError(f'{where}: {name}: must be a list.')
    return value


def _wave(where, wave, names):
    if not isinstance(wave, dict):
        raise exceptions.CommandError(f'{where}: must be a mapping.')
    machines = [
        _machine(f'{where}.machines.{index}', machine, names)
        for index, machine in enumerate(_list(where, 'machines', wave))
    ]
    return wave | {'machines': machines}


def _machine(where, machine, names):
    given = machine if isinstance(machine, dict) else {'machine': machine}
    for name in given:
        if name not in _MACHINE:
            raise exceptions.CommandError(
                f'{where}: {name}: is not known here; known are '
                f'{", ".join(_MACHINE)}.'
            )
    name = str(given.get('machine'))
    found = sorted(set(names.get(name, ())))
    if len(found) != 1:
        count = f'{len(found)} machines' if found else 'no machine'
        raise exceptions.CommandError(
            f'{where}: the source has {count} named {name}'
            + (f': give one of the ids {", ".join(found)}.' if found else '.')
        )
    rest = {key: value for key, value in given.items() if key != 'machine'}
    return {'machine_id': found[0]} | rest


def dump(plan, source, machines):
    """Return a plan as the text of a plan file.

    :param machines: of the plan; those whose names are not unique are
        written by their ids.
    """
    machines = list(machines)
    names = [machine.name for machine in machines]
    written = {'source': source}
    written |= {name: plan[name] for name in MEMBERS if plan[name] is not None}
    written['waves'] = [_written(wave, machines, names) for wave in plan.waves]
    return yaml.safe_dump(written, sort_keys=False, allow_unicode=True)


def _written(wave, machines, names):
    shape = {'name': wave['name']}
    for name in ('after', 'concurrency'):
        if wave[name] is not None:
            shape[name] = wave[name]
    shape['machines'] = [
        _short(machine, names)
        for machine in machines
        if machine.wave == wave['name']
    ]
    return shape


def _short(machine, names):
    unique = names.count(machine.name) == 1
    name = machine.name if unique else machine.id
    more = {
        key: machine[key] for key in ('group', 'overrides') if machine[key]
    }
    return {'machine': name} | more if more else name
