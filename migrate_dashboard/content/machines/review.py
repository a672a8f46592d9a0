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


"""The last step of the wizard: what an assessment says, and the start."""

from django import forms
from django import shortcuts
from django.core import exceptions as core_exceptions
from django.template import loader
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from horizon import exceptions
from horizon import messages
from horizon import views
from openstack_dashboard import policy

from migrate_dashboard import api
from migrate_dashboard import live

INDEX = reverse_lazy('horizon:migrate:machines:index')
#: What an assessment and a migration of its machines have in common.
SHARED = (
    'networks',
    'volume_type',
    'volume_types',
    'flavor_id',
    'security_groups',
    'key_name',
    'availability_zone',
    'metadata',
    'keep_mac',
    'keep_ip',
    'convert',
    'transport',
    'override',
)
#: What ``probe.console`` of a migration says.
CONSOLE = {'auto': None, 'login': True, 'none': False}
MAY_START = (('migration', 'migrate:migrations:create'),)


class StartForm(forms.Form):
    console = forms.ChoiceField(
        label=_('Check of the server'),
        choices=(
            ('auto', _('What suits the guest (recommended)')),
            ('login', _('Its console must ask to log in')),
            ('none', _('It must run; its console does not matter')),
        ),
    )
    require_rehearsal = forms.BooleanField(
        label=_('A rehearsal must pass before the cutover'), required=False
    )
    acceptance = forms.BooleanField(
        label=_('Accept the server by itself when its checks passed'),
        required=False,
    )
    auto_rollback = forms.BooleanField(
        label=_('Bring the source back by itself when a check fails'),
        required=False,
        initial=True,
    )

    def __init__(self, kind, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if kind != 'warm':
            del self.fields['require_rehearsal']

    def attributes(self):
        """Return what of a migration the choices are."""
        data = self.cleaned_data
        acceptance = 'auto' if data['acceptance'] else 'manual'
        probe = {'console': CONSOLE[data.pop('console')]}
        return data | {'acceptance': acceptance, 'probe': probe}


def context_of(request, assessment_id):
    """Return the context of the page and of its live part."""
    assessment = api.call(request, 'get_assessment', assessment_id)
    machines = []
    if assessment.status == 'completed':
        machines = api.call(request, 'assessed_machines', assessment_id)
    open_codes = {
        (one['code'], one['what'])
        for machine in machines
        for one in machine.concerns
        if one['severity'] == 'blocking'
        and one['overridable']
        and not one['overridden']
    }
    return {
        'assessment': assessment,
        'machines': machines,
        'blocked': (assessment.totals or {}).get('blocked', 0),
        'overridable': sorted(dict(open_codes).items()),
        'may_start': policy.check(MAY_START, request),
        'start': StartForm(assessment.kind),
    }


class PartsView(live.LiveView):
    def parts(self, request, assessment_id):
        context = context_of(request, assessment_id)
        html = loader.render_to_string(
            'migrate/machines/_review.html', context, request
        )
        return {'parts': {'review': html}}


class ReviewView(views.HorizonTemplateView):
    template_name = 'migrate/machines/review.html'
    page_title = _('Migrate Machines')

    def get_context_data(self, assessment_id, **kwargs):
        context = super().get_context_data(**kwargs)
        try:
            context.update(context_of(self.request, assessment_id))
        except exceptions.HorizonException:
            exceptions.handle(self.request, redirect=INDEX)
        return context

    def post(self, request, assessment_id):
        if not policy.check(MAY_START, request):
            raise core_exceptions.PermissionDenied()
        try:
            context = context_of(request, assessment_id)
            if 'again' in request.POST:
                return self._again(context, request.POST.getlist('override'))
            return self._start(context)
        except exceptions.HorizonException:
            exceptions.handle(request, redirect=INDEX)

    def _again(self, context, accepted):
        """Assess the same machines, with concerns that a user accepts."""
        old = context['assessment']
        shared = {name: getattr(old, name) for name in SHARED}
        shared['override'] = sorted({*(old.override or ()), *accepted})
        fresh = api.call(
            self.request,
            'create_assessment',
            source_id=old.source_id,
            machine_ids=[one.machine_id for one in context['machines']],
            kind=old.kind,
            **shared,
        )
        return shortcuts.redirect('horizon:migrate:machines:review', fresh.id)

    def _start(self, context):
        assessment = context['assessment']
        form = StartForm(assessment.kind, self.request.POST)
        if (
            assessment.status != 'completed'
            or context['blocked']
            or not form.is_valid()
        ):
            messages.error(
                self.request,
                _('A concern still blocks it, or it is not assessed yet.'),
            )
            return shortcuts.redirect(self.request.path)
        shared = {name: getattr(assessment, name) for name in SHARED}
        started = 0
        for machine in context['machines']:
            try:
                api.call(
                    self.request,
                    'create_migration',
                    source_id=assessment.source_id,
                    machine_id=machine.machine_id,
                    kind=assessment.kind,
                    **shared,
                    **form.attributes(),
                )
                started += 1
            except exceptions.HorizonException as error:
                messages.error(self.request, f'{machine.name}: {error}')
        if started:
            messages.success(
                self.request,
                ngettext(
                    '%d migration begins.', '%d migrations begin.', started
                )
                % started,
            )
        return shortcuts.redirect('horizon:migrate:migrations:index')
