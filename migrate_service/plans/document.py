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

"""Whether the waves of a plan make sense, and what holds for a machine."""

from migrate_service import exceptions


def flat(waves):
    """Return the machines of waves, as the table holds them.

    :param waves: as the API takes them: with ``machines``.
    :returns: dicts with ``id``, ``position``, ``wave``, ``group_name`` and
        ``overrides``.
    """
    return [
        {
            'id': one['machine_id'],
            'wave': number,
            'group_name': one.get('group'),
            'overrides': one.get('overrides') or {},
            'position': position,
        }
        for position, (number, one) in enumerate(
            (number, one)
            for number, wave in enumerate(waves)
            for one in wave['machines']
        )
    ]


def effective(options, overrides):
    """Return the options of one machine; a probe is changed in parts."""
    probe = (options.get('probe') or {}) | (overrides.get('probe') or {})
    return options | overrides | {'probe': probe}


def check(waves, concurrency):
    """Refuse waves that contradict themselves.

    :raises BadRequest: naming the first place.
    """
    names: dict[str, int] = {}
    for number, wave in enumerate(waves):
        where = f'plan.waves.{number}'
        if wave['name'] in names:
            _refuse(f'{where}.name', f'{wave["name"]} is given twice.')
        names[wave['name']] = number
    for number, wave in enumerate(waves):
        for name in wave.get('after') or ():
            where = f'plan.waves.{number}.after'
            if name not in names:
                _refuse(where, f'there is no wave {name}.')
    _check_cycles(waves, names)
    _check_machines(waves)
    _check_groups(waves, concurrency)


def _check_cycles(waves, names):
    """Refuse waves that wait for each other."""
    before = {
        number: _before(number, wave, names)
        for number, wave in enumerate(waves)
    }
    free: set[int] = set()
    while ready := {n for n in before if n not in free and before[n] <= free}:
        free |= ready
    for number in before:
        if number not in free:
            _refuse(
                f'plan.waves.{number}.after',
                f'the wave {waves[number]["name"]} would wait for itself.',
            )


def _before(number, wave, names):
    if wave.get('after') is None:
        return {number - 1} if number else set()
    return {names[name] for name in wave['after']}


def _check_machines(waves):
    seen: set[str] = set()
    for number, wave in enumerate(waves):
        for index, machine in enumerate(wave['machines']):
            id = machine['machine_id']
            if id in seen:
                _refuse(
                    f'plan.waves.{number}.machines.{index}.machine_id',
                    f'the machine {id} is given twice.',
                )
            seen.add(id)


def _check_groups(waves, concurrency):
    """Refuse groups that span waves, or could never start together."""
    home: dict[str, int] = {}
    for number, wave in enumerate(waves):
        sizes: dict[str, int] = {}
        for index, machine in enumerate(wave['machines']):
            group = machine.get('group')
            if not group:
                continue
            sizes[group] = sizes.get(group, 0) + 1
            if home.setdefault(group, number) != number:
                _refuse(
                    f'plan.waves.{number}.machines.{index}.group',
                    f'the group {group} is in the wave '
                    f'{waves[home[group]]["name"]} already.',
                )
        limits = [
            limit for limit in (concurrency, wave.get('concurrency')) if limit
        ]
        for group, size in sizes.items():
            if limits and size > min(limits):
                _refuse(
                    f'plan.waves.{number}',
                    f'the group {group} has {size} machines, which move '
                    f'together, but the concurrency is {min(limits)}.',
                )


def _refuse(where, what):
    raise exceptions.BadRequest(reason=f'{where}: {what}')
