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


"""Filters: how sizes, times, statuses and steps are shown."""

import collections

from django import forms
from django import template
from django.template import defaultfilters
from django.utils import dateparse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import ngettext

from migrate_dashboard import steps

register = template.Library()

#: severity: (label, look)
SEVERITIES = {
    'blocking': (gettext_lazy('blocking'), 'bad'),
    'warning': (gettext_lazy('warning'), 'attention'),
    'info': (gettext_lazy('note'), 'busy'),
}
#: As Keystone knows them.
LIMITS = {
    'migration_active': gettext_lazy('Migrations that have not ended'),
    'migration_plan_machines': gettext_lazy('Machines in plans'),
    'migration_gib_in_flight': gettext_lazy('Being copied'),
    'migration_gib_per_day': gettext_lazy('Copied today'),
}


@register.filter
def limit_label(value):
    """Return the name of a limit."""
    return LIMITS.get(value, value)


@register.filter
def size(value):
    """Return bytes as a text: ``1.5 GB``; a dash for None."""
    return '–' if value is None else defaultfilters.filesizeformat(value)


@register.filter
def rate(value):
    """Return bytes a second as a text."""
    return _('%s/s') % size(value) if value else '–'


@register.filter
def duration(seconds):
    """Return seconds as a text of at most two units: ``2 h 5 min``."""
    if seconds is None:
        return '–'
    seconds = round(seconds)
    if seconds < 60:
        return _('%d s') % seconds
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        first, second = _('%d min') % minutes, _('%d s') % seconds
        return f'{first} {second}' if seconds and minutes < 10 else first
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f'{_("%d h") % hours} {_("%d min") % minutes}'
    return ngettext('%d day', '%d days', hours // 24) % (hours // 24)


@register.filter
def when(value):
    """Return the time that an ISO 8601 text names, for ``date``; or None."""
    return dateparse.parse_datetime(value) if value else None


@register.filter
def ago(value):
    """Return how long ago an ISO 8601 text was."""
    moment = when(value)
    if moment is None:
        return _('never')
    seconds = max(0, (timezone.now() - moment).total_seconds())
    return _('%s ago') % duration(seconds)


@register.filter
def status_label(value):
    """Return the name of a status."""
    return steps.STATUSES.get(value, (value, ''))[0]


@register.filter
def status_look(value):
    """Return how a status looks: ``busy``, ``attention``, ``bad``, …"""
    return steps.STATUSES.get(value, ('', 'ended'))[1]


@register.filter
def step_label(value):
    """Return the name of a step."""
    return steps.STEPS.get(value, value or '–')


@register.filter
def part_label(value):
    """Return the name of a part of the downtime."""
    return steps.DOWNTIME_PARTS.get(value, value)


@register.filter
def disk_size(machine):
    """Return the bytes of all disks of a machine."""
    return sum(disk['size'] for disk in machine.disks or ())


@register.filter
def by_severity(concerns):
    """Return ``[(severity, count)]`` of concerns, in their order."""
    return list(collections.Counter(c['severity'] for c in concerns).items())


@register.filter
def severity_label(value):
    """Return the name of a severity."""
    return SEVERITIES.get(value, (value, ''))[0]


@register.filter
def severity_look(value):
    """Return how a severity looks; as for a status."""
    return SEVERITIES.get(value, ('', 'ended'))[1]


@register.filter
def is_checkbox(field):
    """Tell whether a bound field is one box to tick."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_radio(field):
    """Tell whether a bound field is a choice of buttons."""
    return isinstance(field.field.widget, forms.RadioSelect)


@register.filter
def as_control(field):
    """Return the widget of a bound field, dressed for Bootstrap."""
    attrs = {'class': 'form-control'}
    if field.errors:
        attrs |= {
            'aria-invalid': 'true',
            'aria-describedby': f'{field.id_for_label}_error',
        }
    return field.as_widget(attrs=attrs)
