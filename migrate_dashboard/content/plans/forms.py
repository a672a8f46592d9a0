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


"""The form that makes a plan from a plan file."""

from django import forms as fields
from django.utils.translation import gettext_lazy as _
from horizon import exceptions
from horizon import forms
from horizon import messages
from osc_lib import exceptions as osc_exceptions

from migrate_client.osc import planfile
from migrate_dashboard import api

#: Bytes of a plan file; one of 5,000 machines has about 300,000.
MOST = 2 * 1024 * 1024


class ImportForm(forms.SelfHandlingForm):
    file = fields.FileField(
        label=_('Plan file'),
        help_text=_(
            'YAML, as "openstack migration plan export" and this page write '
            'it. Nothing moves before the plan is started.'
        ),
    )
    name = fields.CharField(
        label=_('Name'),
        required=False,
        max_length=255,
        help_text=_('Empty: as the file says.'),
    )

    def clean_file(self):
        file = self.cleaned_data['file']
        if file.size > MOST:
            raise fields.ValidationError(_('The file is too large.'))
        try:
            return planfile.parse(file.name, file.read())
        except osc_exceptions.CommandError as error:
            raise fields.ValidationError(str(error)) from error

    def handle(self, request, data):
        try:
            plan = self._create(request, data)
        except (
            exceptions.HorizonException,
            osc_exceptions.CommandError,
        ) as error:
            self.api_error(str(error))
            return False
        messages.success(request, _('The plan %s is made.') % plan.name)
        return plan

    def _create(self, request, data):
        found = data['file']
        wanted = str(found.get('source'))
        sources = api.call(request, 'sources')
        fit = [one for one in sources if wanted in (one.id, one.name)]
        if len(fit) != 1:
            raise exceptions.NotFound(
                _('There is no source %s in this project.') % wanted
            )
        machines = api.call(request, 'machines', fit[0].id)
        attributes = planfile.attributes(_('file'), found, machines)
        if data['name']:
            attributes['name'] = data['name']
        return api.call(
            request, 'create_plan', source_id=fit[0].id, **attributes
        )
