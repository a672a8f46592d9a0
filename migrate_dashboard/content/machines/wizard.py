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


"""The wizard: machines, mapping, options; the review is an assessment.

It keeps nothing on the server: each page carries what was chosen before.
"""

from django import shortcuts
from django.core import exceptions as core_exceptions
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.views import generic
from horizon import exceptions
from horizon import messages
from openstack_dashboard import policy

from migrate_dashboard import api
from migrate_dashboard.content.machines import choices as machine_choices
from migrate_dashboard.content.machines import forms

INDEX = reverse_lazy('horizon:migrate:machines:index')
#: The service takes more; a person cannot review them on one page.
MOST = 200


class WizardView(generic.View):
    """``go`` says which step is wanted: mapping, options or assess."""

    def dispatch(self, request, *args, **kwargs):
        rule = ('migration', 'migrate:assessments:create')
        if not policy.check((rule,), request):
            raise core_exceptions.PermissionDenied()
        self.data = request.POST or request.GET
        return super().dispatch(request, *args, **kwargs)

    def get(self, request):
        return self.post(request)

    def post(self, request):
        machine_ids = list(dict.fromkeys(self.data.getlist('machine')))
        if not machine_ids or len(machine_ids) > MOST:
            messages.warning(
                request, _('Choose between 1 and %d machines.') % MOST
            )
            return shortcuts.redirect(INDEX)
        choices = machine_choices.Choices(
            request, self.data.get('source', ''), machine_ids
        )
        try:
            return self._step(choices)
        except exceptions.HorizonException:
            exceptions.handle(request, redirect=INDEX)

    def _step(self, choices):
        go = self.data.get('go')
        data = self.data if go else None
        mapping = forms.MappingForm(choices, data)
        chosen = self.data if 'kind' in self.data else None
        options = forms.OptionsForm(choices, chosen)
        if go in ('options', 'assess') and mapping.is_valid():
            if go == 'assess' and options.is_valid():
                return self._assess(choices, mapping, options)
            return self._page(choices, 'options', options, mapping)
        return self._page(choices, 'mapping', mapping, options)

    def _page(self, choices, step, form, other):
        carried = other if other.is_bound else ()
        context = {
            'page_title': _('Migrate Machines'),
            'step': step,
            'form': form,
            'carried': [
                (one.name, one.value())
                for one in carried
                if one.value() not in (None, False)
            ],
            'choices': choices,
        }
        return shortcuts.render(
            self.request, 'migrate/machines/wizard.html', context
        )

    def _assess(self, choices, mapping, options):
        assessment = api.call(
            self.request,
            'create_assessment',
            source_id=choices.source_id,
            machine_ids=choices.machine_ids,
            **mapping.attributes(),
            **options.attributes(),
        )
        return shortcuts.redirect(
            'horizon:migrate:machines:review', assessment.id
        )
