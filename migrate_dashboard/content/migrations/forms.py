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


"""The dialogs that ask before something is done with a migration."""

from django import forms as fields
from django.utils.translation import gettext_lazy as _

from migrate_dashboard import dialogs


class CutoverForm(dialogs.ActionForm):
    at = fields.DateTimeField(
        label=_('Not before (UTC)'),
        required=False,
        widget=fields.DateTimeInput(attrs={'type': 'datetime-local'}),
        help_text=_('Empty: as soon as possible.'),
    )
    max_downtime = fields.IntegerField(
        label=_('At most this downtime (seconds)'),
        required=False,
        min_value=1,
        max_value=86400,
        help_text=_(
            'The cutover waits until it is predicted to take less. '
            'Empty: whatever it takes.'
        ),
    )

    def attributes(self, data):
        chosen = {}
        if data['at']:
            naive = data['at'].replace(tzinfo=None)
            chosen['not_before'] = f'{naive.isoformat()}Z'
        if data['max_downtime']:
            chosen['max_downtime'] = data['max_downtime']
        return chosen


class RehearseForm(dialogs.ActionForm):
    expect = fields.CharField(
        label=_('Text to be seen on the console'),
        required=False,
        max_length=255,
        help_text=_('Empty: the prompt to log in.'),
    )
    timeout = fields.IntegerField(
        label=_('How long to wait for it (seconds)'),
        initial=600,
        min_value=10,
        max_value=7200,
    )
    quiet = fields.BooleanField(
        label=_('It must run; its console does not matter'), required=False
    )

    def attributes(self, data):
        probe = {'timeout': data['timeout']}
        if data['quiet']:
            probe['console'] = False
        if data['expect']:
            probe['expect'] = data['expect']
        return {'probe': probe}


class RollbackForm(dialogs.ActionForm):
    replica = fields.ChoiceField(
        label=_('The volumes'),
        widget=fields.RadioSelect,
        initial='keep',
        choices=(
            ('keep', _('Keep them as a replica, to try again later')),
            ('discard', _('Remove them and end the migration')),
        ),
    )

    def attributes(self, data):
        return {'replica': data['replica']}


FORMS = {
    'cutover': CutoverForm,
    'rehearse': RehearseForm,
    'rollback': RollbackForm,
}
