// Generated from the API's document (npm run api-types); not to be edited. Checked for drift by `make check`.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    readonly AccountBody: {
      readonly id: number;
      readonly name: string;
      readonly title: string;
      readonly created_at: string;
      readonly disabled_at: string | null;
      readonly has_password: boolean;
      readonly must_change: boolean;
      readonly identities: readonly components["schemas"]["IdentityBody"][];
      readonly sessions: number;
      readonly posts: readonly components["schemas"]["PostBody"][];
    };
    readonly AccountChangeBody: {
      readonly title?: string | null;
      readonly disabled?: boolean | null;
      readonly reset_password: boolean;
    };
    readonly AccountPage: {
      readonly items: readonly components["schemas"]["AccountBody"][];
      readonly next: string | null;
    };
    readonly Action: "report" | "ask-verification" | "verify" | "accept" | "refuse" | "handle-on-spot" | "dispatch" | "escalate" | "order" | "receive" | "ask-return" | "agree-return" | "decline-return" | "dispute" | "rule" | "ask-extension" | "grant-extension" | "decline-extension" | "ask-suspension" | "suspend" | "resume" | "add-task" | "finish-task" | "ask-approval" | "approve" | "decline-approval" | "answer" | "ask-check" | "pass-check" | "check-at-desk" | "rework" | "feed-back" | "reply" | "close" | "force-close" | "reopen" | "cancel" | "merge" | "unmerge" | "note" | "rehome" | "whistle" | "summon" | "convene" | "attend" | "conclude" | "withdraw-whistle" | "summons-sign" | "summons-contact" | "summons-report" | "summons-return" | "summons-agree" | "summons-decline" | "summons-refuse" | "summons-dispute" | "summons-rule" | "summons-extend" | "summons-grant" | "summons-deny" | "summons-rework" | "summons-rate-interim" | "summons-rate" | "summons-correct-rating";
    readonly ActionBody: {
      readonly action: components["schemas"]["Action"];
      readonly version: number;
      readonly to?: components["schemas"]["BodyBody"] | null;
      readonly summons?: number | null;
      readonly reason: string;
      readonly text: string;
      readonly facts?: {
        readonly [key: string]: unknown;
      };
    };
    readonly ActivationBody: {
      readonly id: number;
      readonly plan_id: number;
      readonly name: string;
      readonly before_id: number | null;
      readonly effective_from: string;
      readonly moved: {
        readonly [key: string]: unknown;
      };
      readonly follows: {
        readonly [key: string]: unknown;
      };
    };
    readonly ActivationPage: {
      readonly items: readonly components["schemas"]["ActivationBody"][];
      readonly next: string | null;
    };
    readonly AdmissionBody: {
      readonly id: number;
      readonly state: components["schemas"]["gridgov__duties__admitting__State"];
      readonly state_names: {
        readonly [key: string]: string;
      };
      readonly agency: components["schemas"]["AgencyRefBody"];
      readonly title: string;
      readonly category: string | null;
      readonly item: string;
      readonly part: components["schemas"]["gridgov__duties__admitting__Part"];
      readonly all_of: string | null;
      readonly within: number | null;
      readonly plan: string;
      readonly basis: string;
      readonly begins: string | null;
      readonly ends: string | null;
      readonly total_yuan: string | null;
      readonly burdens: readonly components["schemas"]["BurdenBody"][];
      readonly renews: number | null;
      readonly created_at: string;
      readonly submitted_at: string | null;
      readonly opinions_due_at: string | null;
      readonly hearing: components["schemas"]["HearingBody"];
      readonly decided_at: string | null;
      readonly verdict: components["schemas"]["gridgov__duties__admitting__Verdict"] | null;
      readonly reason: string | null;
      readonly document: string | null;
      readonly conditions: string | null;
      readonly matter: string | null;
      readonly withdrawn_at: string | null;
    };
    readonly AdmissionPage: {
      readonly items: readonly components["schemas"]["AdmissionBody"][];
      readonly next: string | null;
    };
    readonly AgencyList: {
      readonly items: readonly components["schemas"]["gridgov__api__routes__agencies__AgencyBody"][];
    };
    readonly AgencyRefBody: {
      readonly id: number;
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
    };
    readonly AgencySiteBody: {
      readonly id: number;
      readonly agency: number;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly kind: string | null;
      readonly address: string | null;
      readonly lon: number;
      readonly lat: number;
      readonly claims: boolean;
    };
    readonly AlertBody: {
      readonly kind: components["schemas"]["AlertKind"];
      readonly names: {
        readonly [key: string]: string;
      };
      readonly admission: number;
      readonly area: number | null;
      readonly on: string | null;
      readonly year: number | null;
      readonly amount_yuan: string;
      readonly count: number;
    };
    readonly AlertItem: {
      readonly rule: string;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly of: components["schemas"]["Of"];
      readonly measure: components["schemas"]["gridgov__analytics__measures__Measure"];
      readonly level: components["schemas"]["Level"];
      readonly days: number;
      readonly area_id: number;
      readonly area_code: string;
      readonly area_names: {
        readonly [key: string]: string;
      };
      readonly lon: number;
      readonly lat: number;
      readonly value: number;
      readonly threshold: number;
      readonly since: string;
    };
    readonly AlertKind: "overdue-instalment" | "underpaid-mid-year" | "underpaid-year-end" | "posts-not-provided" | "expiring" | "expired-but-ordered";
    readonly AlertPage: {
      readonly items: readonly components["schemas"]["AlertBody"][];
      readonly next: string | null;
    };
    readonly AlertsBody: {
      readonly as_of: string;
      readonly total: number;
      readonly items: readonly components["schemas"]["AlertItem"][];
    };
    readonly AllowedBody: {
      readonly action: components["schemas"]["Action"];
      readonly summons: number;
      readonly needs: readonly string[];
      readonly after: string;
      readonly names: {
        readonly [key: string]: string;
      };
    };
    readonly AppraisalBody: {
      readonly id: number;
      readonly code: string;
      readonly title: string;
      readonly kind: components["schemas"]["gridgov__duties__appraisals__Kind"];
      readonly kind_names: {
        readonly [key: string]: string;
      };
      readonly agency: components["schemas"]["AgencyRefBody"];
      readonly level: string;
      readonly area: number | null;
      readonly document: string;
      readonly since: string;
      readonly until: string | null;
    };
    readonly AppraisalList: {
      readonly items: readonly components["schemas"]["AppraisalBody"][];
    };
    readonly ApprovalBody: {
      readonly id: number;
      readonly noun: string;
      readonly ref: string;
      readonly summary: string;
      readonly permission: string;
      readonly digest: string;
      readonly state: components["schemas"]["gridgov__audit__approving__State"];
      readonly requested_by: string;
      readonly requested_at: string;
      readonly expires_at: string;
      readonly decided_by: string | null;
      readonly decided_at: string | null;
      readonly note: string | null;
      readonly taken_by: string | null;
      readonly taken_at: string | null;
    };
    readonly ApprovalPage: {
      readonly items: readonly components["schemas"]["ApprovalBody"][];
      readonly next: string | null;
    };
    readonly AreaBalanceBody: {
      readonly area: number;
      readonly balance: components["schemas"]["BalanceBody"];
      readonly years: {
        readonly [key: string]: components["schemas"]["BalanceBody"];
      };
    };
    readonly AreaBody: {
      readonly id: number;
      readonly level: string;
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly kind?: string | null;
      readonly population?: number | null;
      readonly households?: number | null;
    };
    readonly AreaBurdenBody: {
      readonly area: components["schemas"]["AreaBody"];
      readonly counts: components["schemas"]["BurdenCountsBody"];
      readonly households: number | null;
      readonly points: number;
      readonly index: number | null;
      readonly balance: components["schemas"]["BalanceBody"];
    };
    readonly AreaDetail: {
      readonly id: number;
      readonly level: components["schemas"]["Level"];
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly parent: number | null;
      readonly parent_code: string | null;
      readonly kind: string | null;
      readonly population: number | null;
      readonly households: number | null;
      readonly area_km2: number;
      readonly label: components["schemas"]["Lonlat"];
      readonly valid_from: string | null;
      readonly valid_to: string | null;
      readonly attributes: {
        readonly [key: string]: unknown;
      };
      readonly geometry: {
        readonly [key: string]: unknown;
      } | null;
    };
    readonly AreaItem: {
      readonly id: number;
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly count: number;
      readonly households: number | null;
      readonly per_100_households: number | null;
    };
    readonly AreaPage: {
      readonly items: readonly components["schemas"]["AreaDetail"][];
      readonly next: string | null;
    };
    readonly AreaRef: {
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
    };
    readonly AroundBody: {
      readonly in_force_from: string | null;
      readonly path: readonly components["schemas"]["AreaBody"][];
      readonly neighbours: readonly components["schemas"]["NeighbourBody"][];
      readonly children: readonly components["schemas"]["AreaBody"][];
    };
    readonly AskBody: {
      readonly title: string;
      readonly agency?: string | null;
      readonly category?: string | null;
      readonly item: string;
      readonly part: components["schemas"]["Part-Input"];
      readonly targets: readonly number[];
      readonly all_of?: string | null;
      readonly within?: number | null;
      readonly plan: string;
      readonly basis: string;
      readonly begins?: string | null;
      readonly ends?: string | null;
      readonly total_yuan?: number | string | null;
      readonly promises: readonly components["schemas"]["PromiseBody"][];
      readonly burdens: readonly components["schemas"]["BurdenBody"][];
      readonly renews?: number | null;
    };
    readonly AskedBody: {
      readonly approval: number;
      readonly expires_at: string;
    };
    readonly AtomFacts: {
      readonly key: string;
      readonly kind: components["schemas"]["AtomKind"];
      readonly block: number;
      readonly group: string | null;
      readonly building_id: number | null;
      readonly area_m2: number;
      readonly perimeter_m: number;
    };
    readonly AtomFeature: {
      readonly type: "Feature";
      readonly id: number;
      readonly properties: components["schemas"]["AtomFacts"];
      readonly geometry: {
        readonly [key: string]: unknown;
      };
    };
    readonly AtomKind: "building" | "unit" | "open" | "given";
    readonly AtomPlaces: {
      readonly grid: number;
      readonly atoms: readonly number[];
    };
    readonly AtomsBody: {
      readonly type: "FeatureCollection";
      readonly features: readonly components["schemas"]["AtomFeature"][];
    };
    readonly AttachmentBody: {
      readonly id: string;
      readonly number: number;
      readonly width: number;
      readonly height: number;
      readonly size_bytes: number;
      readonly sent_as: string;
      readonly created_at: string;
      readonly url: string;
      readonly preview_url: string;
    };
    readonly AttachmentList: {
      readonly items: readonly components["schemas"]["AttachmentBody"][];
      readonly room_for: number;
    };
    readonly BalanceBody: {
      readonly promised_yuan: string;
      readonly received_yuan: string;
      readonly unconfirmed_yuan: string;
      readonly disputed_yuan: string;
      readonly missing_yuan: string;
      readonly posts_promised: number;
      readonly posts_received: number;
      readonly posts_unconfirmed: number;
      readonly posts_disputed: number;
      readonly posts_missing: number;
    };
    readonly BandFeature: {
      readonly type: "Feature";
      readonly geometry: {
        readonly [key: string]: unknown;
      };
      readonly properties: components["schemas"]["BandProperties"];
    };
    readonly BandProperties: {
      readonly from_per_km2: number;
      readonly to_per_km2: number | null;
    };
    readonly BasemapBody: {
      readonly standing: components["schemas"]["Standing"];
      readonly away_since?: string | null;
      readonly attribution: string;
      readonly approval: string;
      readonly max_zoom: number;
    };
    readonly BasisBody: {
      readonly id: number;
      readonly community_id: number;
      readonly atoms: number;
      readonly digest: string;
      readonly source: {
        readonly [key: string]: unknown;
      };
      readonly made_at: string;
    };
    readonly BasisPage: {
      readonly items: readonly components["schemas"]["BasisBody"][];
      readonly next: string | null;
    };
    readonly BlockingBody: {
      readonly community_id: number;
      readonly finding: components["schemas"]["gridgov__api__plan_board_shapes__FindingBody"];
    };
    readonly BoardBody: {
      readonly part: components["schemas"]["PartBody"];
      readonly target: components["schemas"]["TargetBody"];
      readonly counted_on: string;
      readonly assignment: readonly number[];
      readonly households: readonly number[];
      readonly grids: readonly components["schemas"]["GridBody"][];
      readonly totals: {
        readonly [key: string]: number;
      };
      readonly redrawn: {
        readonly [key: string]: unknown;
      };
      readonly cases_month: readonly number[] | null;
      readonly open_cases: readonly number[] | null;
      readonly original: components["schemas"]["OriginalBody"] | null;
      readonly shapes: {
        readonly [key: string]: unknown;
      } | null;
    };
    readonly BodyBody: {
      readonly agency?: number | null;
      readonly area?: number | null;
      readonly level?: string | null;
    };
    readonly BodyRef: {
      readonly kind: string;
      readonly id: number;
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
    };
    readonly BothBody: {
      readonly agencies: readonly components["schemas"]["FiguresBody"][];
      readonly units: readonly components["schemas"]["FiguresBody"][];
    };
    readonly Burden: "sign" | "record" | "report" | "ranking" | "inspection" | "system";
    readonly BurdenBody: {
      readonly kind: components["schemas"]["Burden"];
      readonly times_a_year: number;
    };
    readonly BurdenCountsBody: {
      readonly items: number;
      readonly departments: number;
      readonly appraisals: number;
      readonly inspecting_departments: number;
      readonly reports: number;
      readonly inspections: number;
      readonly signs: number;
      readonly systems: number;
    };
    readonly BurdenPage: {
      readonly level: string;
      readonly at: string;
      readonly weights: {
        readonly [key: string]: number;
      };
      readonly items: readonly components["schemas"]["AreaBurdenBody"][];
      readonly next: string | null;
    };
    readonly CalendarBody: {
      readonly year: number;
      readonly known: boolean;
      readonly known_until: string | null;
      readonly timezone: string;
      readonly hours: readonly string[];
      readonly days: readonly components["schemas"]["DayBody"][];
    };
    readonly CalendarDaysBody: {
      readonly days: readonly components["schemas"]["DayBody"][];
    };
    readonly CalendarHoursBody: {
      readonly hours: readonly string[];
    };
    readonly CalledBody: {
      readonly summons: number;
      readonly agency: components["schemas"]["gridgov__api__routes__whistles__AgencyBody"];
      readonly part: components["schemas"]["gridgov__cases__rules__Part"];
      readonly state: components["schemas"]["SummonsState"];
      readonly light: components["schemas"]["Light"] | null;
      readonly late: boolean;
      readonly refused: boolean;
      readonly attended: number;
      readonly leads: readonly string[];
    };
    readonly CarriedBody: {
      readonly done: components["schemas"]["DoneBody"];
      readonly by_key: number;
      readonly by_overlap: number;
      readonly unassigned: readonly number[];
      readonly grids_lost: readonly number[];
      readonly corners_lost: number;
    };
    readonly CaseBody: {
      readonly id: string;
      readonly number: string;
      readonly category: components["schemas"]["CategoryRef"];
      readonly channel: string;
      readonly state: components["schemas"]["gridgov__cases__rules__State"];
      readonly stage: components["schemas"]["gridgov__cases__rules__Stage"];
      readonly version: number;
      readonly opened_at: string;
      readonly accepted_at: string | null;
      readonly changed_at: string;
      readonly ended_at: string | null;
      readonly level: string | null;
      readonly holder: components["schemas"]["BodyBody"] | null;
      readonly first: components["schemas"]["BodyBody"] | null;
      readonly path: readonly components["schemas"]["AreaBody"][];
      readonly place: {
        readonly [key: string]: string;
      };
      readonly merged_into: string | null;
      readonly suspended_until: string | null;
      readonly counts: {
        readonly [key: string]: number;
      };
      readonly clocks: readonly components["schemas"]["ClockBody"][];
      readonly summons: readonly components["schemas"]["SummonsBody"][];
      readonly joints: readonly components["schemas"]["JointBody"][];
      readonly risks: readonly string[];
      readonly approved: boolean;
      readonly tasks: readonly {
        readonly [key: string]: unknown;
      }[];
      readonly allowed: readonly components["schemas"]["AllowedBody"][];
      readonly receipt?: {
        readonly [key: string]: unknown;
      } | null;
    };
    readonly CaseLine: {
      readonly id: string;
      readonly number: string;
      readonly category: components["schemas"]["CategoryRef"];
      readonly channel: string;
      readonly state: components["schemas"]["gridgov__cases__rules__State"];
      readonly stage: components["schemas"]["gridgov__cases__rules__Stage"];
      readonly version: number;
      readonly light: components["schemas"]["Light"] | null;
      readonly opened_at: string;
      readonly changed_at: string;
      readonly ended_at: string | null;
      readonly due_at: string | null;
      readonly level: string | null;
      readonly agency: components["schemas"]["gridgov__api__routes__worklists__AgencyBody"] | null;
      readonly office: components["schemas"]["AreaBody"] | null;
      readonly path: readonly components["schemas"]["AreaBody"][];
      readonly point: components["schemas"]["Lonlat"];
      readonly suspended_until: string | null;
      readonly merged_into: string | null;
      readonly whistles: number;
      readonly asking: boolean;
    };
    readonly CasePage: {
      readonly items: readonly components["schemas"]["CaseLine"][];
      readonly next: string | null;
    };
    readonly CasePhotoBody: {
      readonly id: string;
      readonly number: number;
      readonly width: number;
      readonly height: number;
      readonly size_bytes: number;
      readonly sent_as: string;
      readonly created_at: string;
      readonly url: string;
      readonly preview_url: string;
      readonly stage: components["schemas"]["gridgov__cases__participation__Stage"] | null;
      readonly agency: number | null;
    };
    readonly CasePhotoList: {
      readonly items: readonly components["schemas"]["CasePhotoBody"][];
      readonly room_for: number;
    };
    readonly CategoriesBody: {
      readonly items: readonly components["schemas"]["CategoryBody"][];
      readonly counted_at: string | null;
    };
    readonly CategoryBody: {
      readonly code: string;
      readonly kind: string;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly group: components["schemas"]["GroupBody"];
      readonly pinyin: string;
      readonly initials: string;
      readonly incidents: number | null;
    };
    readonly CategoryKind: "matter" | "component";
    readonly CategoryRef: {
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
    };
    readonly ChangeList: {
      readonly items: readonly components["schemas"]["gridgov__api__plan_time_shapes__ChangeBody"][];
    };
    readonly ChangePage: {
      readonly items: readonly components["schemas"]["gridgov__api__routes__exchange__ChangeBody"][];
      readonly next: number;
    };
    readonly CheckBody: {
      readonly grids: number;
      readonly usable: number;
      readonly counts: {
        readonly [key: string]: number;
      };
      readonly findings: readonly components["schemas"]["ForeignFindingBody"][];
      readonly faults: readonly components["schemas"]["FileFaultBody"][];
    };
    readonly CityBody: {
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly timezone: string;
      readonly centre: readonly [
        number,
        number
      ];
      readonly bbox: readonly [
        number,
        number,
        number,
        number
      ] | null;
      readonly levels: readonly string[];
      readonly counts: components["schemas"]["Counts"];
      readonly incidents_from: string | null;
      readonly incidents_to: string | null;
      readonly counted_at: string | null;
      readonly revision: string;
      readonly demo: boolean;
    };
    readonly ClockBody: {
      readonly name: string;
      readonly summons: number;
      readonly limit: string;
      readonly extended: readonly string[];
      readonly against: components["schemas"]["BodyBody"] | null;
      readonly started_at: string;
      readonly due_at: string;
      readonly ended_at: string | null;
      readonly running: boolean;
      readonly share: number;
      readonly light: components["schemas"]["Light"];
    };
    readonly ClockedBody: {
      readonly in_time: number;
      readonly late: number;
      readonly open: number;
      readonly rate: number | null;
    };
    readonly ClusterItem: {
      readonly areas: readonly components["schemas"]["Where"][];
      readonly first: string;
      readonly last: string;
      readonly count: number;
      readonly expected: number;
      readonly ratio: number;
      readonly p: number;
      readonly kinds: readonly components["schemas"]["KindItem"][];
      readonly said: {
        readonly [key: string]: string;
      };
    };
    readonly ClustersBody: {
      readonly level: components["schemas"]["Level"];
      readonly first: string | null;
      readonly last: string | null;
      readonly step_days: number;
      readonly compared: number;
      readonly cases: number;
      readonly draws: number;
      readonly said: {
        readonly [key: string]: string;
      };
      readonly items: readonly components["schemas"]["ClusterItem"][];
    };
    readonly ComparedBody: {
      readonly community: string;
      readonly community_id: number;
      readonly basis_id: number;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly same_ground: boolean;
      readonly before_in_force: boolean;
      readonly after_in_force: boolean;
      readonly households: number;
      readonly households_moved: number;
      readonly cases_moved: number | null;
      readonly unassigned_before: number;
      readonly unassigned_after: number;
      readonly totals_before: {
        readonly [key: string]: number;
      };
      readonly totals_after: {
        readonly [key: string]: number;
      };
      readonly grids: readonly components["schemas"]["GridPairBody"][];
      readonly moved_count: number;
      readonly moved: readonly components["schemas"]["MovedBody"][];
    };
    readonly ConsentBody: {
      readonly id: string;
      readonly phone: string;
      readonly notice: number;
      readonly purposes: readonly string[];
      readonly channel: components["schemas"]["gridgov__privacy__consents__Channel"];
      readonly separate: boolean;
    };
    readonly ContactBody: {
      readonly name: string | null;
      readonly phone: string | null;
      readonly given_at: string;
      readonly frozen_at: string | null;
      readonly frozen_because: string | null;
    };
    readonly CorrectionBody: {
      readonly quality: number;
      readonly reason: string;
    };
    readonly CountList: {
      readonly items: readonly components["schemas"]["gridgov__api__plan_shapes__CountBody"][];
    };
    readonly CountedBody: {
      readonly atoms: number;
      readonly in_file: number;
      readonly in_count: number;
    };
    readonly Counts: {
      readonly areas: {
        readonly [key: string]: number;
      };
      readonly incidents: number | null;
      readonly streets: number;
      readonly buildings: number;
      readonly blocks: number;
      readonly facilities: number;
    };
    readonly CutBody: {
      readonly atom: number;
      readonly key: string;
      readonly place: readonly number[];
      readonly households: number;
      readonly sides: readonly components["schemas"]["CutSideBody"][];
    };
    readonly CutSideBody: {
      readonly grid: number;
      readonly area_m2: number;
      readonly households: number;
    };
    readonly Datum: "wgs84" | "cgcs2000" | "gcj02" | "bd09";
    readonly DayBody: {
      readonly day: string;
      readonly working: boolean;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly source: string;
    };
    readonly DayChangeBody: {
      readonly day: string;
      readonly before: components["schemas"]["DayBody"] | null;
      readonly after: components["schemas"]["DayBody"] | null;
      readonly counts: boolean;
    };
    readonly DayChangesBody: {
      readonly stored: boolean;
      readonly changes: readonly components["schemas"]["DayChangeBody"][];
    };
    readonly DayItem: {
      readonly day: string;
      readonly count: number;
    };
    readonly DaysBody: {
      readonly items: readonly components["schemas"]["DayItem"][];
    };
    readonly DecisionBody: {
      readonly yes: boolean;
      readonly note: string;
    };
    readonly DeliveryBody: {
      readonly id: string;
      readonly channel: components["schemas"]["gridgov__notices__rules__Channel"];
      readonly target: string;
      readonly subscription_id: number | null;
      readonly incident_id: string | null;
      readonly topic: string;
      readonly key: string;
      readonly at: string;
      readonly made_at: string;
      readonly state: components["schemas"]["gridgov__notices__rules__State"];
      readonly attempts: number;
      readonly next_at: string | null;
      readonly problem: string | null;
      readonly parts: number | null;
      readonly ended_at: string | null;
      readonly reason: string | null;
    };
    readonly DeliveryPage: {
      readonly items: readonly components["schemas"]["DeliveryBody"][];
      readonly next: string | null;
    };
    readonly DemoAccountBody: {
      readonly name: string;
      readonly title: string;
      readonly posts: readonly components["schemas"]["PostBody"][];
    };
    readonly DemoBody: {
      readonly password: string;
      readonly accounts: readonly components["schemas"]["DemoAccountBody"][];
    };
    readonly DensityBody: {
      readonly level: components["schemas"]["Tier"];
      readonly from: string | null;
      readonly to: string | null;
      readonly total: number;
      readonly unlocated: number;
      readonly above_level: number;
      readonly items: readonly components["schemas"]["AreaItem"][] | readonly components["schemas"]["HexItem"][];
    };
    readonly DetailBody: {
      readonly id: number;
      readonly state: components["schemas"]["gridgov__duties__admitting__State"];
      readonly state_names: {
        readonly [key: string]: string;
      };
      readonly agency: components["schemas"]["AgencyRefBody"];
      readonly title: string;
      readonly category: string | null;
      readonly item: string;
      readonly part: components["schemas"]["gridgov__duties__admitting__Part"];
      readonly all_of: string | null;
      readonly within: number | null;
      readonly plan: string;
      readonly basis: string;
      readonly begins: string | null;
      readonly ends: string | null;
      readonly total_yuan: string | null;
      readonly burdens: readonly components["schemas"]["BurdenBody"][];
      readonly renews: number | null;
      readonly created_at: string;
      readonly submitted_at: string | null;
      readonly opinions_due_at: string | null;
      readonly hearing: components["schemas"]["HearingBody"];
      readonly decided_at: string | null;
      readonly verdict: components["schemas"]["gridgov__duties__admitting__Verdict"] | null;
      readonly reason: string | null;
      readonly document: string | null;
      readonly conditions: string | null;
      readonly matter: string | null;
      readonly withdrawn_at: string | null;
      readonly targets: readonly components["schemas"]["gridgov__api__requested__PlacedBody"][];
      readonly opinions: readonly components["schemas"]["gridgov__api__requested__OpinionBody"][];
      readonly steps: readonly components["schemas"]["StepBody"][];
      readonly following: readonly components["schemas"]["gridgov__duties__admitting__State"][];
    };
    readonly Dimension: "grid" | "community" | "subdistrict" | "district" | "city" | "category" | "agency" | "channel" | "status" | "tier" | "day" | "week" | "month";
    readonly DoneBody: {
      readonly revision: number;
      readonly digest: string;
      readonly changed: components["schemas"]["gridgov__api__plan_board_shapes__ChangedBody"] | null;
      readonly totals: {
        readonly [key: string]: number;
      };
      readonly findings: readonly components["schemas"]["gridgov__api__plan_board_shapes__FindingBody"][];
      readonly about: components["schemas"]["gridgov__api__plan_board_shapes__LineBody"] | null;
    };
    readonly DraftBody: {
      readonly list: components["schemas"]["ListBody"];
      readonly left: readonly components["schemas"]["RowFaultBody"][];
    };
    readonly DryRunBody: {
      readonly since: string;
      readonly until: string;
      readonly incidents: number;
      readonly same: number;
      readonly unplaced: number;
      readonly orphaned: number;
      readonly adopted: number;
      readonly moves: number;
      readonly most: readonly components["schemas"]["gridgov__api__duty_shapes__MoveBody"][];
    };
    readonly DueBody: {
      readonly opened_at: string;
      readonly limit: string;
      readonly due_at: string;
      readonly known: boolean;
    };
    readonly EdgesBody: {
      readonly a: readonly number[];
      readonly b: readonly number[];
      readonly shared_m: readonly number[];
      readonly on_street: readonly boolean[];
      readonly bridge: readonly boolean[];
    };
    readonly EndedBody: {
      readonly erased: number;
      readonly frozen: number;
    };
    readonly EndingBody: {
      readonly area: components["schemas"]["AreaBody"];
      readonly heirs: readonly components["schemas"]["HeirBody"][];
    };
    readonly EntryBody: {
      readonly id: number;
      readonly at: string;
      readonly transaction: number;
      readonly account_id: number | null;
      readonly account: string | null;
      readonly post_id: number | null;
      readonly role: string | null;
      readonly login: string;
      readonly action: string;
      readonly noun: string;
      readonly row_id: string | null;
      readonly unit_id: number | null;
      readonly before: {
        readonly [key: string]: unknown;
      } | null;
      readonly after: {
        readonly [key: string]: unknown;
      } | null;
      readonly facts: {
        readonly [key: string]: unknown;
      } | null;
      readonly reason: string | null;
    };
    readonly EntryPage: {
      readonly items: readonly components["schemas"]["EntryBody"][];
      readonly next: string | null;
    };
    readonly EventBody: {
      readonly seq: number;
      readonly at: string;
      readonly action: components["schemas"]["Action"];
      readonly before: components["schemas"]["gridgov__cases__rules__State"];
      readonly after: components["schemas"]["gridgov__cases__rules__State"];
      readonly role: string | null;
      readonly agency: number | null;
      readonly area: number | null;
      readonly to: components["schemas"]["BodyBody"] | null;
      readonly summons: number | null;
      readonly reason: string;
      readonly text: string;
      readonly limits: {
        readonly [key: string]: string;
      };
      readonly facts: {
        readonly [key: string]: unknown;
      };
    };
    readonly ExampleBody: {
      readonly area: components["schemas"]["AreaBody"];
      readonly count: number;
      readonly number: number;
    };
    readonly Fate: "same" | "changed" | "split" | "merged" | "new" | "ended";
    readonly FeedbackBody: {
      readonly body: components["schemas"]["BodyRef"];
      readonly cases: number;
      readonly median_hours: number;
      readonly most_hours: number;
    };
    readonly FieldBody: {
      readonly field: string;
      readonly before: string;
      readonly after: string;
    };
    readonly FiguresBody: {
      readonly id: number;
      readonly code: string | null;
      readonly names: {
        readonly [key: string]: string;
      } | null;
      readonly counts: {
        readonly [key: string]: number;
      };
      readonly signed: components["schemas"]["ClockedBody"];
      readonly contacted: components["schemas"]["ClockedBody"];
      readonly reported: components["schemas"]["ClockedBody"];
      readonly rated: number;
      readonly speed: number | null;
      readonly quality: number | null;
    };
    readonly FileFaultBody: {
      readonly row: number;
      readonly column: string;
      readonly value: string;
      readonly code: string;
      readonly text: {
        readonly [key: string]: string;
      };
    };
    readonly FilePreviewBody: {
      readonly community: string;
      readonly revision: number | null;
      readonly unchanged: boolean;
      readonly grids_before: number;
      readonly grids_after: number;
      readonly fates: {
        readonly [key: string]: number;
      };
      readonly renamed: readonly number[];
      readonly locked: readonly number[];
      readonly households_moved: number;
      readonly atoms_moved: number;
      readonly atoms_unassigned: number;
      readonly households_unassigned: number;
      readonly cut_count: number;
      readonly cut: readonly components["schemas"]["CutBody"][];
      readonly counted: components["schemas"]["CountedBody"] | null;
      readonly finding_counts: {
        readonly [key: string]: number;
      };
      readonly findings: readonly components["schemas"]["ForeignFindingBody"][];
      readonly fault_count: number;
      readonly faults: readonly components["schemas"]["FileFaultBody"][];
      readonly grids: readonly components["schemas"]["GridPairBody"][];
      readonly moved: readonly components["schemas"]["MovedBody"][];
    };
    readonly ForeignFindingBody: {
      readonly kind: string;
      readonly severity: string;
      readonly rows: readonly number[];
      readonly place: readonly number[] | null;
      readonly area_m2: number | null;
      readonly text: {
        readonly [key: string]: string;
      };
    };
    readonly Format: "json" | "geojson";
    readonly FoundBody: {
      readonly kind: string;
      readonly id: number;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly detail: {
        readonly [key: string]: string;
      };
      readonly lon: number;
      readonly lat: number;
      readonly bbox: readonly [
        number,
        number,
        number,
        number
      ] | null;
    };
    readonly GivenBody: {
      readonly support: boolean;
      readonly reason: string;
    };
    readonly GridBody: {
      readonly number: number;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly kind: components["schemas"]["gridgov__areas__rules__Kind"];
      readonly target: components["schemas"]["TargetBody"] | null;
      readonly locked: boolean;
      readonly area_id: number | null;
      readonly code: string | null;
      readonly metrics: {
        readonly [key: string]: number;
      };
    };
    readonly GridLoadBody: {
      readonly number: number;
      readonly incidents: number;
    };
    readonly GridPairBody: {
      readonly fate: components["schemas"]["Fate"];
      readonly before: components["schemas"]["SideBody"] | null;
      readonly after: components["schemas"]["SideBody"] | null;
      readonly partners: readonly number[];
      readonly came: number;
      readonly went: number;
    };
    readonly Ground: "public-demand" | "key-work" | "joint-enforcement" | "emergency";
    readonly GroupBody: {
      readonly code: string | null;
      readonly names: {
        readonly [key: string]: string;
      };
    };
    readonly Health: {
      readonly status: string;
    };
    readonly HearingBody: {
      readonly targets: number;
      readonly units: number;
      readonly supporting: number;
      readonly opposing: number;
      readonly silent: number;
    };
    readonly HeirBody: {
      readonly level: string;
      readonly code: string;
      readonly households: number;
      readonly share: number;
    };
    readonly HeldPostBody: {
      readonly id: number;
      readonly role: string;
      readonly role_names: {
        readonly [key: string]: string;
      };
      readonly place: components["schemas"]["gridgov__api__posts__PlaceBody"];
      readonly since: string;
      readonly until: string | null;
      readonly in_force: boolean;
      readonly account_id: number;
      readonly account: string;
      readonly title: string;
    };
    readonly HexItem: {
      readonly cell: string;
      readonly lon: number;
      readonly lat: number;
      readonly count: number;
      readonly ring: readonly (readonly [
        number,
        number
      ])[];
    };
    readonly HotItem: {
      readonly id: number;
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly count: number;
      readonly per_100_households: number | null;
      readonly score: number | null;
      readonly moran: number | null;
      readonly p: number | null;
      readonly verdict: components["schemas"]["gridgov__analytics__hotspots__Verdict"] | null;
      readonly pattern: components["schemas"]["Pattern"] | null;
    };
    readonly HotSpotsBody: {
      readonly level: components["schemas"]["Level"];
      readonly measure: components["schemas"]["gridgov__analytics__hotspots__Measure"];
      readonly false_share: number;
      readonly compared: number;
      readonly hot: number;
      readonly cold: number;
      readonly said: {
        readonly [key: string]: string;
      };
      readonly items: readonly components["schemas"]["HotItem"][];
    };
    readonly IdentityBody: {
      readonly issuer: string;
      readonly subject: string;
    };
    readonly InboxLine: {
      readonly case: string;
      readonly number: string | null;
      readonly category: components["schemas"]["CategoryRef"] | null;
      readonly case_state: components["schemas"]["gridgov__cases__rules__State"] | null;
      readonly version: number | null;
      readonly path: readonly components["schemas"]["AreaBody"][];
      readonly summons: number;
      readonly whistle: number;
      readonly agency: components["schemas"]["gridgov__api__routes__whistles__AgencyBody"];
      readonly kind: components["schemas"]["gridgov__cases__rules__Kind"];
      readonly ground: components["schemas"]["Ground"];
      readonly part: components["schemas"]["gridgov__cases__rules__Part"];
      readonly state: components["schemas"]["SummonsState"];
      readonly called_at: string;
      readonly signed_at: string | null;
      readonly contacted_at: string | null;
      readonly answered_at: string | null;
      readonly ended_at: string | null;
      readonly ended_by: components["schemas"]["Action"] | null;
      readonly sign_due_at: string | null;
      readonly contact_due_at: string | null;
      readonly report_due_at: string | null;
      readonly light: components["schemas"]["Light"] | null;
      readonly late: boolean;
      readonly refused: boolean;
      readonly asking: boolean;
      readonly meeting: components["schemas"]["MeetingBody"];
      readonly attended: number;
      readonly leads: readonly string[];
    };
    readonly InboxPage: {
      readonly items: readonly components["schemas"]["InboxLine"][];
      readonly next: string | null;
    };
    readonly IncidentBody: {
      readonly id: string;
      readonly number: string;
      readonly category: components["schemas"]["CategoryRef"];
      readonly channel: components["schemas"]["gridgov__incidents__rules__Channel"];
      readonly status: components["schemas"]["Status"];
      readonly happened_at: string;
      readonly received_at: string;
      readonly reported: components["schemas"]["Lonlat"];
      readonly datum: components["schemas"]["Datum"];
      readonly accuracy_m: number | null;
      readonly point: components["schemas"]["Lonlat"];
      readonly inside: boolean;
      readonly distance_m: number;
      readonly path: readonly components["schemas"]["AreaBody"][];
      readonly candidates: readonly components["schemas"]["AreaBody"][];
      readonly lead: components["schemas"]["BodyRef"] | null;
      readonly agency: components["schemas"]["BodyRef"] | null;
      readonly site: components["schemas"]["SiteRef"] | null;
      readonly place: {
        readonly [key: string]: string;
      };
      readonly text: string | null;
      readonly address: string | null;
    };
    readonly IncidentPage: {
      readonly items: readonly components["schemas"]["IncidentBody"][];
      readonly next: string | null;
    };
    readonly InstalmentBody: {
      readonly area: number;
      readonly due_on: string;
      readonly amount_yuan: string;
      readonly posts: number;
    };
    readonly ItemPage: {
      readonly items: readonly components["schemas"]["gridgov__api__duty_shapes__ItemBody"][];
      readonly next: string | null;
    };
    readonly JobBody: {
      readonly id: string;
      readonly plan_id: number;
      readonly kind: string;
      readonly settings: {
        readonly [key: string]: unknown;
      };
      readonly state: string;
      readonly done: number;
      readonly total: number;
      readonly said: string;
      readonly cancelling: boolean;
      readonly result: {
        readonly [key: string]: unknown;
      };
      readonly asked_at: string;
      readonly asked_by: number | null;
      readonly ended_at: string | null;
      readonly parts: readonly components["schemas"]["JobPartBody"][];
    };
    readonly JobPage: {
      readonly items: readonly components["schemas"]["JobBody"][];
      readonly next: string | null;
    };
    readonly JobPartBody: {
      readonly community_id: number;
      readonly code: string | null;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly state: string;
      readonly at: string;
      readonly result: {
        readonly [key: string]: unknown;
      };
    };
    readonly JointBody: {
      readonly number: number;
      readonly whistle: number;
      readonly place: string;
      readonly time: string;
      readonly leads: {
        readonly [key: string]: number;
      };
      readonly present: readonly number[];
    };
    readonly KeptBody: {
      readonly name: string;
      readonly days: number;
      readonly since: string;
    };
    readonly Kernel: "quartic" | "gaussian";
    readonly KeyBody: {
      readonly key: string;
      readonly algorithm: string;
    };
    readonly KinBody: {
      readonly area_id: number;
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly common_km2: number;
      readonly ground_share: number;
      readonly kept_share: number;
      readonly households: number | null;
    };
    readonly KindItem: {
      readonly group: components["schemas"]["gridgov__api__routes__findings__Kind"];
      readonly count: number;
      readonly expected: number;
    };
    readonly LedgerBody: {
      readonly promises: readonly components["schemas"]["InstalmentBody"][];
      readonly transfers: readonly components["schemas"]["TransferBody"][];
      readonly balance: components["schemas"]["BalanceBody"];
      readonly areas: readonly components["schemas"]["AreaBalanceBody"][];
    };
    readonly Level: "city" | "district" | "subdistrict" | "community" | "grid";
    readonly Light: "green" | "yellow" | "red";
    readonly LineageBody: {
      readonly area_id: number;
      readonly items: readonly components["schemas"]["VersionBody"][];
    };
    readonly ListBody: {
      readonly id: number;
      readonly name: string;
      readonly kind: components["schemas"]["ListKind"];
      readonly state: string;
      readonly version: number | null;
      readonly basis: string | null;
      readonly items: number;
      readonly digest: string;
      readonly valid_from: string | null;
      readonly valid_to: string | null;
      readonly follows: number | null;
      readonly drafted_at: string | null;
      readonly wanted_from: string | null;
      readonly acknowledged: readonly string[];
      readonly approval_id: number | null;
    };
    readonly ListKind: "powers" | "public_services" | "tasks" | "territorial" | "precedents" | "admitted";
    readonly ListPage: {
      readonly items: readonly components["schemas"]["ListBody"][];
      readonly next: string | null;
    };
    readonly ListRef: {
      readonly name: string;
      readonly version: number;
    };
    readonly LoadAskedBody: {
      readonly id: string;
      readonly anew: boolean;
    };
    readonly LoadBody: {
      readonly since: string;
      readonly until: string;
      readonly category: string | null;
      readonly items: readonly components["schemas"]["PartLoadBody"][];
    };
    readonly LocateBody: {
      readonly point: components["schemas"]["Reported"];
      readonly wgs84: components["schemas"]["Lonlat"];
      readonly inside: boolean;
      readonly distance_m: number;
      readonly on_edge: boolean;
      readonly rule: string;
      readonly in_force_from: string | null;
      readonly path: readonly components["schemas"]["AreaBody"][];
      readonly candidates: readonly components["schemas"]["AreaBody"][];
      readonly place: components["schemas"]["gridgov__api__routes__locate__PlaceBody"];
    };
    readonly LogPage: {
      readonly items: readonly components["schemas"]["gridgov__api__plan_board_shapes__LineBody"][];
      readonly next: string | null;
    };
    readonly Lonlat: {
      readonly lon: number;
      readonly lat: number;
    };
    readonly LossBody: {
      readonly category: string;
      readonly areas_lost: number;
      readonly areas_total: number;
      readonly areas: readonly components["schemas"]["AreaBody"][];
    };
    readonly LossesBody: {
      readonly items: readonly components["schemas"]["LossBody"][];
    };
    readonly MadeBody: {
      readonly id: number;
      readonly account_id: number;
      readonly account: string;
      readonly post_id: number;
      readonly label: string;
      readonly permissions: readonly string[];
      readonly created_at: string;
      readonly expires_at: string;
      readonly revoked_at: string | null;
      readonly used_on: string | null;
      readonly token: string;
    };
    readonly ManagementClass: "comprehensive" | "professional" | "assisting";
    readonly "MatterBody-Input": {
      readonly list: string;
      readonly item: string;
      readonly lead: string;
      readonly note: string;
    };
    readonly "MatterList-Input": {
      readonly items: readonly components["schemas"]["MatterBody-Input"][];
    };
    readonly "MatterList-Output": {
      readonly items: readonly components["schemas"]["gridgov__api__plan_time_shapes__MatterBody"][];
    };
    readonly MeetingBody: {
      readonly meetings: number;
      readonly at: string | null;
      readonly place: string | null;
    };
    readonly MetricBody: {
      readonly name: string;
      readonly version: number;
      readonly unit: string;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly definition: string;
      readonly whole: string;
      readonly source: string;
    };
    readonly MetricList: {
      readonly items: readonly components["schemas"]["MetricBody"][];
    };
    readonly Mode: "fresh" | "resume" | "repair";
    readonly MovedBody: {
      readonly atom: number;
      readonly key: string;
      readonly kind: string;
      readonly building_id: number | null;
      readonly place: readonly number[];
      readonly before: number;
      readonly after: number;
      readonly households: number;
      readonly cases: number | null;
    };
    readonly MovesBody: {
      readonly noun: "incidents" | "cases" | "duties" | "posts";
      readonly total: number;
      readonly moved: number | null;
      readonly left: number;
      readonly by: readonly components["schemas"]["gridgov__api__plan_time_shapes__MoveBody"][];
      readonly facts: {
        readonly [key: string]: unknown;
      };
    };
    readonly MovingCase: {
      readonly number: number;
      readonly before: string | null;
      readonly after: string | null;
    };
    readonly MovingPage: {
      readonly items: readonly components["schemas"]["MovingCase"][];
      readonly next: string | null;
    };
    readonly NamedBody: {
      readonly id: number;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly distance_m: number;
    };
    readonly NamesBody: {
      readonly zh: string;
      readonly en: string;
    };
    readonly NearBody: {
      readonly id: string;
      readonly number: string;
      readonly state: components["schemas"]["gridgov__cases__rules__State"];
      readonly version: number;
      readonly happened_at: string;
      readonly distance_m: number;
    };
    readonly Nearest: "road" | "straight";
    readonly NeighbourBody: {
      readonly area: components["schemas"]["AreaBody"];
      readonly shared_m: number;
    };
    readonly NewAccountBody: {
      readonly name: string;
      readonly title: string;
      readonly password: boolean;
    };
    readonly NewAppraisalBody: {
      readonly code: string;
      readonly title: string;
      readonly kind: components["schemas"]["gridgov__duties__appraisals__Kind"];
      readonly agency: string;
      readonly level: string;
      readonly area?: number | null;
      readonly document: string;
      readonly since: string;
      readonly until?: string | null;
    };
    readonly NewBasisBody: {
      readonly community_id: number;
      readonly target?: components["schemas"]["TargetBody"] | null;
    };
    readonly NewBody: {
      readonly title: string;
      readonly agency?: string | null;
      readonly category?: string | null;
      readonly item: string;
      readonly part: components["schemas"]["Part-Input"];
      readonly targets: readonly number[];
      readonly all_of?: string | null;
      readonly within?: number | null;
      readonly plan: string;
      readonly basis: string;
      readonly begins?: string | null;
      readonly ends?: string | null;
      readonly total_yuan?: number | string | null;
      readonly promises: readonly components["schemas"]["PromiseBody"][];
      readonly burdens: readonly components["schemas"]["BurdenBody"][];
      readonly renews?: number | null;
      readonly key: string;
    };
    readonly NewCountBody: {
      readonly counted_on: string;
      readonly source: string;
      readonly households: readonly number[];
      readonly total?: number | null;
    };
    readonly NewOfficeBody: {
      readonly channel: components["schemas"]["gridgov__notices__rules__Channel"];
      readonly label: string;
      readonly body: string;
      readonly destination: string;
      readonly topics: readonly string[];
    };
    readonly NewPartBody: {
      readonly community_id: number;
      readonly count_id?: number | null;
    };
    readonly NewPlanBody: {
      readonly name: string;
      readonly purpose: string;
      readonly target?: components["schemas"]["TargetBody"] | null;
      readonly copy_of?: number | null;
      readonly communities?: readonly number[];
    };
    readonly NewPostBody: {
      readonly role: components["schemas"]["Role"];
      readonly area?: number | null;
      readonly agency?: number | null;
      readonly since?: string | null;
      readonly until?: string | null;
    };
    readonly NewReceptionBody: {
      readonly id: string;
      readonly area: number;
      readonly held_at: string;
      readonly notice: string;
    };
    readonly NewRuleBody: {
      readonly names: components["schemas"]["NamesBody"];
      readonly of: components["schemas"]["Of"];
      readonly measure: components["schemas"]["gridgov__analytics__measures__Measure"];
      readonly by: components["schemas"]["Level"];
      readonly days: number;
      readonly threshold: number;
      readonly category: readonly string[];
      readonly channel: readonly components["schemas"]["gridgov__incidents__rules__Channel"][];
      readonly agency: readonly number[];
      readonly area?: number | null;
      readonly id: string;
    };
    readonly NewTokenBody: {
      readonly post: number;
      readonly label: string;
      readonly permissions: readonly string[];
      readonly days: number;
    };
    readonly NewWebhookBody: {
      readonly label: string;
      readonly url: string;
      readonly topics: readonly string[];
      readonly source?: string | null;
    };
    readonly NextBody: {
      readonly item_code: string;
      readonly body: components["schemas"]["BodyRef"];
      readonly why: {
        readonly [key: string]: string;
      };
    };
    readonly NoticePage: {
      readonly items: readonly components["schemas"]["gridgov__api__routes__notices__NoticeBody"][];
      readonly next: string | null;
    };
    readonly Of: "incidents" | "cases";
    readonly OpenMatterBody: {
      readonly list: string;
      readonly item: string;
      readonly category: string;
      readonly lead: string;
      readonly area: string;
      readonly zh: string;
      readonly en: string;
    };
    readonly OpenedBody: {
      readonly id: number;
      readonly name: string;
      readonly title: string;
      readonly created_at: string;
      readonly disabled_at: string | null;
      readonly has_password: boolean;
      readonly must_change: boolean;
      readonly identities: readonly components["schemas"]["IdentityBody"][];
      readonly sessions: number;
      readonly posts: readonly components["schemas"]["PostBody"][];
      readonly initial_password?: string | null;
    };
    readonly OperationBody: {
      readonly kind: components["schemas"]["OperationKind"];
      readonly payload: {
        readonly [key: string]: unknown;
      };
    };
    readonly OperationKind: "assign" | "split" | "merge" | "slide" | "move_corner" | "move_edge" | "lock" | "rename" | "kind" | "target";
    readonly OperationsBody: {
      readonly revision: number;
      readonly operations: readonly components["schemas"]["OperationBody"][];
    };
    readonly OpinionsBody: {
      readonly opinions: readonly components["schemas"]["SaidBody"][];
    };
    readonly OrderBody: {
      readonly name: string;
      readonly number: string;
      readonly kind?: components["schemas"]["OrderKind"] | null;
      readonly due_at?: string | null;
    };
    readonly OrderKind: "consultation" | "help" | "complaint" | "tip" | "suggestion";
    readonly OriginBody: {
      readonly lon?: number | null;
      readonly lat?: number | null;
      readonly datum?: string | null;
      readonly altitude_m?: number | null;
      readonly accuracy_m?: number | null;
      readonly taken?: string | null;
      readonly zone?: string | null;
      readonly gps_time?: string | null;
    };
    readonly OriginalBody: {
      readonly assignment: readonly number[];
      readonly areas: {
        readonly [key: string]: number | null;
      };
    };
    readonly OutlineBody: {
      readonly id: number;
      readonly path: string;
    };
    readonly OutlinesBody: {
      readonly level: components["schemas"]["Level"];
      readonly world: number;
      readonly origin: readonly [
        number,
        number
      ];
      readonly items: readonly components["schemas"]["OutlineBody"][];
    };
    readonly Outside: "emergency" | "other-channel" | "repeated" | "secret" | "not-our-duty" | "unlawful";
    readonly OverviewGrid: {
      readonly part_id: number;
      readonly community_id: number;
      readonly number: number;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly kind: components["schemas"]["gridgov__areas__rules__Kind"];
      readonly locked: boolean;
      readonly area_id: number | null;
      readonly code: string | null;
      readonly households: number;
      readonly atoms: number;
      readonly area_km2: number;
      readonly deviation: number;
      readonly in_band: boolean;
      readonly bbox: readonly number[];
      readonly geometry: {
        readonly [key: string]: unknown;
      } | null;
    };
    readonly OverviewPage: {
      readonly items: readonly components["schemas"]["OverviewGrid"][];
      readonly next: string | null;
    };
    readonly Paint: "areas" | "heat";
    readonly PapersRequestBody: {
      readonly id: string;
      readonly kind: components["schemas"]["gridgov__privacy__rules__Kind"];
      readonly words: string;
      readonly values?: components["schemas"]["ValuesBody"] | null;
      readonly phone: string;
    };
    readonly "Part-Input": "support" | "lead";
    readonly PartBody: {
      readonly id: number;
      readonly plan_id: number;
      readonly community_id: number;
      readonly basis_id: number;
      readonly count_id: number;
      readonly revision: number;
      readonly digest: string;
      readonly outdated: boolean;
      readonly newest_basis_id: number;
      readonly made_with: {
        readonly [key: string]: unknown;
      };
    };
    readonly PartLoadBody: {
      readonly community_id: number;
      readonly basis_id: number;
      readonly grids: readonly components["schemas"]["GridLoadBody"][];
      readonly free: number;
      readonly upto: number;
      readonly counted_at: string | null;
    };
    readonly PartPage: {
      readonly items: readonly components["schemas"]["PartBody"][];
      readonly next: string | null;
    };
    readonly PasswordBody: {
      readonly old: string;
      readonly new: string;
    };
    readonly PastItem: {
      readonly rule: string;
      readonly area_id: number;
      readonly area_code: string;
      readonly began_at: string;
      readonly ended_at: string | null;
      readonly value: number;
      readonly threshold: number;
    };
    readonly PastPage: {
      readonly items: readonly components["schemas"]["PastItem"][];
      readonly next: string | null;
    };
    readonly Pattern: "high-high" | "low-low" | "high-low" | "low-high";
    readonly PingBody: {
      readonly event: number;
    };
    readonly PlanBody: {
      readonly id: number;
      readonly name: string;
      readonly purpose: string;
      readonly state: components["schemas"]["PlanState"];
      readonly target: components["schemas"]["TargetBody"];
      readonly revision: number;
      readonly parts: number;
      readonly communities: readonly number[];
      readonly operations: number;
      readonly drawn_at: string | null;
      readonly copy_of: number | null;
      readonly returns_to: number | null;
      readonly created_at: string;
      readonly created_by: number | null;
      readonly created_by_account: string | null;
      readonly submitted_at: string | null;
      readonly submitted_by: number | null;
      readonly submitted_by_account: string | null;
      readonly wanted_from: string | null;
      readonly digest: string | null;
      readonly approval_id: number | null;
      readonly effective_at: string | null;
      readonly retired_at: string | null;
    };
    readonly PlanChangeBody: {
      readonly revision: number;
      readonly name?: string | null;
      readonly purpose?: string | null;
      readonly target?: components["schemas"]["TargetBody"] | null;
    };
    readonly PlanFormat: "geojson" | "gpkg" | "shp" | "csv";
    readonly PlanPage: {
      readonly items: readonly components["schemas"]["PlanBody"][];
      readonly next: string | null;
    };
    readonly PlanState: "draft" | "review" | "approved" | "effective" | "retired" | "dropped";
    readonly PostBody: {
      readonly id: number;
      readonly role: string;
      readonly role_names: {
        readonly [key: string]: string;
      };
      readonly place: components["schemas"]["gridgov__api__posts__PlaceBody"];
      readonly since: string;
      readonly until: string | null;
      readonly in_force: boolean;
    };
    readonly PostChoiceBody: {
      readonly post: number;
    };
    readonly PostPage: {
      readonly items: readonly components["schemas"]["HeldPostBody"][];
      readonly next: string | null;
    };
    readonly Problem: {
      readonly type: string;
      readonly title: string;
      readonly status: number;
      readonly detail: string;
      readonly code: string;
      readonly field?: string | null;
      readonly remedy?: string | null;
      readonly instance?: string | null;
      readonly request_id?: string | null;
      readonly changes?: readonly {
        readonly [key: string]: unknown;
      }[] | null;
    };
    readonly PromiseBody: {
      readonly due_on: string;
      readonly amount_yuan: number | string;
      readonly posts: number;
      readonly area?: number | null;
    };
    readonly Proof: "receipt" | "papers";
    readonly ProposalBody: {
      readonly id: string;
      readonly communities?: readonly number[] | null;
      readonly target?: components["schemas"]["TargetBody"] | null;
      readonly rural?: components["schemas"]["TargetBody"] | null;
      readonly seed: number;
      readonly effort: number;
      readonly mode: components["schemas"]["Mode"];
      readonly price: number;
      readonly grids?: readonly number[] | null;
    };
    readonly PublicBody: {
      readonly month: string;
      readonly least: number;
      readonly released_at: string;
      readonly items: readonly components["schemas"]["PublicItem"][];
    };
    readonly PublicItem: {
      readonly id: number;
      readonly level: components["schemas"]["Level"];
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly count: number | null;
    };
    readonly PublishedBody: {
      readonly id: number;
      readonly version: number;
      readonly items: number;
    };
    readonly PurposeBody: {
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly basis: string;
      readonly sensitive: boolean;
    };
    readonly ReadBody: {
      readonly ids: readonly number[];
      readonly all: boolean;
      readonly upto?: number | null;
    };
    readonly "ReasonBody-Output": {
      readonly step: string;
      readonly zh: string;
      readonly en: string;
    };
    readonly RebaseBody: {
      readonly revision: number;
    };
    readonly Receipt: "unconfirmed" | "received" | "disputed";
    readonly "ReceiptBody-Input": {
      readonly number: string;
      readonly secret: string;
    };
    readonly "ReceiptBody-Output": {
      readonly id: string;
      readonly number: string;
      readonly category: components["schemas"]["CategoryRef"];
      readonly channel: components["schemas"]["gridgov__incidents__rules__Channel"];
      readonly status: components["schemas"]["Status"];
      readonly happened_at: string;
      readonly received_at: string;
      readonly reported: components["schemas"]["Lonlat"];
      readonly datum: components["schemas"]["Datum"];
      readonly accuracy_m: number | null;
      readonly point: components["schemas"]["Lonlat"];
      readonly inside: boolean;
      readonly distance_m: number;
      readonly path: readonly components["schemas"]["AreaBody"][];
      readonly candidates: readonly components["schemas"]["AreaBody"][];
      readonly lead: components["schemas"]["BodyRef"] | null;
      readonly agency: components["schemas"]["BodyRef"] | null;
      readonly site: components["schemas"]["SiteRef"] | null;
      readonly place: {
        readonly [key: string]: string;
      };
      readonly text: string | null;
      readonly address: string | null;
      readonly secret: string;
    };
    readonly ReceiptQueryBody: {
      readonly number: string;
      readonly secret: string;
    };
    readonly ReceiptRequestBody: {
      readonly id: string;
      readonly kind: components["schemas"]["gridgov__privacy__rules__Kind"];
      readonly words: string;
      readonly values?: components["schemas"]["ValuesBody"] | null;
      readonly receipt: components["schemas"]["ReceiptBody-Input"];
    };
    readonly ReceivedBody: {
      readonly received: boolean;
      readonly note: string;
    };
    readonly ReceptionBody: {
      readonly id: string;
      readonly held_at: string;
      readonly notice: string;
      readonly deputy: number;
      readonly area: number;
      readonly area_code: string;
      readonly area_names: {
        readonly [key: string]: string;
      };
      readonly opinions: number;
      readonly replied: number;
    };
    readonly ReceptionPage: {
      readonly items: readonly components["schemas"]["ReceptionBody"][];
      readonly next: string | null;
    };
    readonly RecordedBody: {
      readonly id: string;
    };
    readonly RedoBody: {
      readonly revision: number;
    };
    readonly RegisterBody: {
      readonly items: readonly components["schemas"]["gridgov__api__routes__privacy__LineBody"][];
    };
    readonly ReopenedBody: {
      readonly number: string;
      readonly state: components["schemas"]["gridgov__cases__rules__State"];
      readonly reopened_at: string;
    };
    readonly ReopeningBody: {
      readonly number: string;
      readonly secret: string;
      readonly reason: string;
    };
    readonly RepeatItem: {
      readonly group: components["schemas"]["gridgov__api__routes__findings__Kind"];
      readonly area: components["schemas"]["Where"] | null;
      readonly spots: number;
      readonly count: number;
      readonly days: number;
      readonly first: string;
      readonly last: string;
      readonly gap_days: number | null;
      readonly lon: number | null;
      readonly lat: number | null;
      readonly said: {
        readonly [key: string]: string;
      };
    };
    readonly RepeatsBody: {
      readonly first: string | null;
      readonly last: string | null;
      readonly radius_m: number;
      readonly least_days: number;
      readonly found: number;
      readonly cut: boolean;
      readonly items: readonly components["schemas"]["RepeatItem"][];
    };
    readonly ReportBody: {
      readonly id: string;
      readonly category: string;
      readonly point: components["schemas"]["Lonlat"];
      readonly datum: components["schemas"]["Datum"];
      readonly accuracy_m?: number | null;
      readonly happened_at: string;
      readonly channel: components["schemas"]["gridgov__incidents__rules__Channel"];
      readonly text: string;
      readonly address?: string | null;
      readonly reporter?: components["schemas"]["ReporterBody"] | null;
      readonly source?: components["schemas"]["OrderBody"] | null;
    };
    readonly Reported: {
      readonly lon: number;
      readonly lat: number;
      readonly datum: string;
    };
    readonly ReporterBody: {
      readonly name?: string | null;
      readonly phone?: string | null;
      readonly notice?: number | null;
    };
    readonly "RequestBody-Input": {
      readonly valid_from?: string | null;
      readonly acknowledged?: readonly string[];
    };
    readonly "RequestBody-Output": {
      readonly id: string;
      readonly number: number;
      readonly kind: components["schemas"]["gridgov__privacy__rules__Kind"];
      readonly state: components["schemas"]["RequestState"];
      readonly proof: components["schemas"]["Proof"];
      readonly filed_at: string;
      readonly due_at: string;
      readonly overdue: boolean;
      readonly extended: boolean;
      readonly ended_at: string | null;
      readonly outcome: {
        readonly [key: string]: {
          readonly [key: string]: number;
        };
      } | null;
      readonly reason: string | null;
    };
    readonly RequestList: {
      readonly items: readonly components["schemas"]["RequestBody-Output"][];
    };
    readonly RequestState: "received" | "in-hand" | "done" | "refused" | "dropped";
    readonly ResponsibleBody: {
      readonly items: readonly components["schemas"]["gridgov__api__routes__area_history__OfficeBody"][];
    };
    readonly ResultBody: {
      readonly state: components["schemas"]["gridgov__cases__rules__State"];
      readonly stage: components["schemas"]["gridgov__cases__rules__Stage"];
      readonly names: {
        readonly [key: string]: string;
      };
      readonly due_on: string | null;
      readonly feedback: readonly components["schemas"]["gridgov__api__routes__receipts__AnswerBody"][];
      readonly reply: components["schemas"]["gridgov__api__routes__receipts__AnswerBody"] | null;
      readonly tasks_open: number;
      readonly tasks_done: number;
    };
    readonly RevealBody: {
      readonly reason: string;
    };
    readonly RevisionBody: {
      readonly revision: number;
    };
    readonly RiseItem: {
      readonly group: components["schemas"]["gridgov__api__routes__findings__Kind"] | null;
      readonly area: components["schemas"]["Where"] | null;
      readonly count: number;
      readonly expected: number;
      readonly ratio: number | null;
      readonly low: number | null;
      readonly high: number | null;
      readonly p: number;
      readonly rising: boolean;
      readonly said: {
        readonly [key: string]: string;
      };
    };
    readonly RisingBody: {
      readonly level: components["schemas"]["Level"];
      readonly first: string | null;
      readonly last: string | null;
      readonly history_days: number;
      readonly enough: boolean;
      readonly seasonal: boolean;
      readonly false_share: number;
      readonly compared: number;
      readonly said: {
        readonly [key: string]: string;
      };
      readonly items: readonly components["schemas"]["RiseItem"][];
    };
    readonly RiskBody: {
      readonly text: string;
      readonly approval: boolean;
    };
    readonly Role: "grid_worker" | "community_officer" | "centre_operator" | "subdistrict_leader" | "agency_officer" | "agency_head" | "district_supervisor" | "planner" | "deputy" | "auditor" | "administrator" | "machine" | "resident";
    readonly RoleCountBody: {
      readonly role: string;
      readonly role_names: {
        readonly [key: string]: string;
      };
      readonly posts: number;
    };
    readonly RollBackBody: {
      readonly before: boolean;
      readonly name: string;
    };
    readonly RouteBody: {
      readonly category: components["schemas"]["CategoryRef"];
      readonly outcome: string;
      readonly lead: components["schemas"]["BodyRef"] | null;
      readonly agency: components["schemas"]["BodyRef"] | null;
      readonly site: components["schemas"]["SiteBody"] | null;
      readonly supporting: readonly components["schemas"]["BodyRef"][];
      readonly item: components["schemas"]["gridgov__api__routes__route__ItemBody"] | null;
      readonly sites_considered: readonly components["schemas"]["SiteBody"][];
      readonly next: readonly components["schemas"]["NextBody"][];
      readonly reasons: readonly components["schemas"]["ReasonBody-Output"][];
      readonly inside: boolean;
      readonly distance_m: number;
      readonly path: readonly components["schemas"]["AreaBody"][];
    };
    readonly RowFaultBody: {
      readonly row: number;
      readonly column: string;
      readonly value: string;
      readonly code: string;
      readonly reason: {
        readonly [key: string]: string;
      };
    };
    readonly Rule: "given" | "spread" | "least";
    readonly RuleBody: {
      readonly id: string;
      readonly revision: number;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly of: components["schemas"]["Of"];
      readonly measure: components["schemas"]["gridgov__analytics__measures__Measure"];
      readonly by: components["schemas"]["Level"];
      readonly days: number;
      readonly threshold: number;
      readonly category: readonly string[];
      readonly channel: readonly string[];
      readonly agency: readonly number[];
      readonly area: number;
      readonly mine: boolean;
      readonly changed_at: string;
    };
    readonly RuleChangeBody: {
      readonly names: components["schemas"]["NamesBody"];
      readonly of: components["schemas"]["Of"];
      readonly measure: components["schemas"]["gridgov__analytics__measures__Measure"];
      readonly by: components["schemas"]["Level"];
      readonly days: number;
      readonly threshold: number;
      readonly category: readonly string[];
      readonly channel: readonly components["schemas"]["gridgov__incidents__rules__Channel"][];
      readonly agency: readonly number[];
      readonly area?: number | null;
      readonly revision: number;
    };
    readonly RulesBody: {
      readonly items: readonly components["schemas"]["RuleBody"][];
    };
    readonly SaidBody: {
      readonly id: string;
      readonly category: string;
      readonly text: string;
      readonly point?: components["schemas"]["Lonlat"] | null;
      readonly address?: string | null;
      readonly reporter?: components["schemas"]["ReporterBody"] | null;
    };
    readonly SealBody: {
      readonly number: number;
      readonly sealed_at: string;
      readonly entries: number;
      readonly ids: string;
      readonly root: string;
      readonly previous: string;
      readonly chain: string;
      readonly key: string;
      readonly signature: string;
    };
    readonly SearchBody: {
      readonly items: readonly components["schemas"]["FoundBody"][];
    };
    readonly SentBody: {
      readonly key: string;
      readonly area: number;
      readonly arrived_on: string;
      readonly amount_yuan: number | string;
      readonly posts: number;
      readonly document: string;
      readonly corrects?: number | null;
    };
    readonly ServedBody: {
      readonly type: "Feature";
      readonly id: number;
      readonly geometry: {
        readonly [key: string]: unknown;
      };
      readonly properties: components["schemas"]["ServedFacts"];
    };
    readonly ServedCollection: {
      readonly type: "FeatureCollection";
      readonly features: readonly components["schemas"]["ServedBody"][];
    };
    readonly ServedFacts: {
      readonly names: {
        readonly [key: string]: string;
      };
      readonly address: string | null;
      readonly agency: number;
      readonly agency_names: {
        readonly [key: string]: string;
      };
      readonly lon: number;
      readonly lat: number;
      readonly by: components["schemas"]["Nearest"];
      readonly area_km2: number;
      readonly households: number | null;
      readonly colour: number;
    };
    readonly SessionBody: {
      readonly account?: string | null;
      readonly title: string;
      readonly how?: string | null;
      readonly role: string;
      readonly role_names: {
        readonly [key: string]: string;
      };
      readonly post?: components["schemas"]["PostBody"] | null;
      readonly posts?: readonly components["schemas"]["PostBody"][];
      readonly permissions?: readonly string[];
      readonly channels?: readonly string[];
      readonly lost: boolean;
      readonly must_change: boolean;
      readonly own_password: boolean;
      readonly expires_at?: string | null;
      readonly csrf?: string | null;
      readonly notices?: readonly components["schemas"]["gridgov__api__routes__session__NoticeBody"][];
      readonly oidc: boolean;
      readonly demo?: components["schemas"]["DemoBody"] | null;
    };
    readonly Severity: "error" | "warning";
    readonly Shown: "grid" | "community" | "subdistrict" | "district";
    readonly ShownMeasure: "count" | "rate";
    readonly SideBody: {
      readonly number: number;
      readonly code: string | null;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly area_id: number | null;
      readonly households: number;
      readonly metrics: {
        readonly [key: string]: number;
      };
    };
    readonly SignInBody: {
      readonly name: string;
      readonly password: string;
    };
    readonly SiteBody: {
      readonly id: number;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly address: string | null;
      readonly lon: number;
      readonly lat: number;
      readonly straight_m: number;
      readonly road_m: number | null;
      readonly in_service_area: boolean | null;
      readonly chosen: boolean;
    };
    readonly SiteList: {
      readonly items: readonly components["schemas"]["AgencySiteBody"][];
    };
    readonly SiteRef: {
      readonly id: number;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly address: string | null;
    };
    readonly SourceBody: {
      readonly name: string;
      readonly number: string;
      readonly kind: components["schemas"]["OrderKind"] | null;
      readonly due_at: string | null;
    };
    readonly "Stage-Input": "before" | "during" | "after";
    readonly Stance: "support" | "oppose" | "silent";
    readonly Standing: "none" | "ready" | "away";
    readonly StandingBody: {
      readonly number: string;
      readonly status: components["schemas"]["Status"];
      readonly category: components["schemas"]["CategoryRef"];
      readonly happened_at: string;
      readonly received_at: string;
      readonly agency: components["schemas"]["gridgov__api__routes__receipts__OfficeBody"] | null;
      readonly result: components["schemas"]["ResultBody"] | null;
    };
    readonly Status: "open" | "closed" | "void" | "duplicate";
    readonly StepBody: {
      readonly before: components["schemas"]["gridgov__duties__admitting__State"] | null;
      readonly after: components["schemas"]["gridgov__duties__admitting__State"];
      readonly post: number | null;
      readonly at: string;
      readonly note: string | null;
    };
    readonly SubmissionBody: {
      readonly wanted_from?: string | null;
    };
    readonly SubmittedBody: {
      readonly plan: components["schemas"]["PlanBody"];
      readonly approval_id: number;
      readonly expires_at: string;
    };
    readonly SubscriptionBody: {
      readonly id: number;
      readonly channel: components["schemas"]["gridgov__notices__rules__Channel"];
      readonly label: string;
      readonly topics: readonly string[];
      readonly body: string | null;
      readonly url: string | null;
      readonly created_at: string;
      readonly ended_at: string | null;
    };
    readonly SubscriptionPage: {
      readonly items: readonly components["schemas"]["SubscriptionBody"][];
      readonly next: string | null;
    };
    readonly SumBody: {
      readonly id: number;
      readonly admissions: number;
      readonly balance: components["schemas"]["BalanceBody"];
    };
    readonly SumPage: {
      readonly by: string;
      readonly items: readonly components["schemas"]["SumBody"][];
      readonly next: string | null;
    };
    readonly SummonsBody: {
      readonly number: number;
      readonly whistle: number;
      readonly agency: number;
      readonly part: components["schemas"]["gridgov__cases__rules__Part"];
      readonly state: components["schemas"]["SummonsState"];
      readonly called_at: string;
      readonly signed_at: string | null;
      readonly contacted_at: string | null;
      readonly answered_at: string | null;
      readonly ended_at: string | null;
      readonly refused: boolean;
      readonly reworks: number;
      readonly extension: string | null;
      readonly speed: number | null;
      readonly quality: number | null;
      readonly ratings: readonly {
        readonly [key: string]: unknown;
      }[];
    };
    readonly SummonsState: "called" | "signed" | "contacted" | "answered" | "returning" | "disputed" | "rated" | "released" | "withdrawn";
    readonly SurfaceBody: {
      readonly type: "FeatureCollection";
      readonly kernel: components["schemas"]["Kernel"];
      readonly bandwidth_m: number;
      readonly rule: components["schemas"]["Rule"];
      readonly cell_m: number;
      readonly total: number;
      readonly peak_per_km2: number;
      readonly clipped: boolean;
      readonly features: readonly components["schemas"]["BandFeature"][];
    };
    readonly TableBody: {
      readonly of: "case" | "summons";
      readonly action: components["schemas"]["Action"];
      readonly before: readonly string[];
      readonly after: string;
      readonly who: readonly string[];
      readonly needs: readonly string[];
      readonly clocks: readonly string[];
      readonly names: {
        readonly [key: string]: string;
      };
    };
    readonly TargetBody: {
      readonly households: number;
      readonly band: number;
    };
    readonly Tier: "grid" | "community" | "subdistrict" | "district" | "city" | "hexagon";
    readonly TokenBody: {
      readonly id: number;
      readonly account_id: number;
      readonly account: string;
      readonly post_id: number;
      readonly label: string;
      readonly permissions: readonly string[];
      readonly created_at: string;
      readonly expires_at: string;
      readonly revoked_at: string | null;
      readonly used_on: string | null;
    };
    readonly TokenPage: {
      readonly items: readonly components["schemas"]["TokenBody"][];
      readonly next: string | null;
    };
    readonly TransferBody: {
      readonly id: number;
      readonly area: number;
      readonly arrived_on: string;
      readonly amount_yuan: string;
      readonly posts: number;
      readonly document: string;
      readonly corrects: number | null;
      readonly receipt: components["schemas"]["Receipt"];
      readonly recorded_at: string;
      readonly answered_at: string | null;
      readonly note: string | null;
    };
    readonly TurnBody: {
      readonly plan_id: number;
      readonly name: string;
      readonly at: string | null;
      readonly began: number;
      readonly ended: number;
    };
    readonly TurnsBody: {
      readonly items: readonly components["schemas"]["TurnBody"][];
    };
    readonly UnitBody: {
      readonly id: number;
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
    };
    readonly UnreadBody: {
      readonly unread: number;
      readonly more: boolean;
    };
    readonly ValuesBody: {
      readonly name?: string | null;
      readonly phone?: string | null;
    };
    readonly "Verdict-Input": "admit" | "admit-with-conditions" | "refuse";
    readonly VerdictBody: {
      readonly verdict: components["schemas"]["Verdict-Input"];
      readonly reason: string;
      readonly document: string;
      readonly conditions: string;
    };
    readonly VersionBody: {
      readonly level: string;
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly kind: string | null;
      readonly population: number | null;
      readonly households: number | null;
      readonly area_km2: number;
      readonly parent: number | null;
      readonly since: string | null;
      readonly until: string | null;
      readonly begun_by: components["schemas"]["TurnBody"];
      readonly ended_by: components["schemas"]["TurnBody"] | null;
      readonly came_from: readonly components["schemas"]["KinBody"][];
      readonly became: readonly components["schemas"]["KinBody"][];
    };
    readonly WaitingBody: {
      readonly count: number;
      readonly since: string | null;
    };
    readonly WayBody: {
      readonly site: components["schemas"]["SiteBody"];
      readonly path: {
        readonly [key: string]: unknown;
      } | null;
    };
    readonly WaysBody: {
      readonly agency: components["schemas"]["BodyRef"] | null;
      readonly measure: string | null;
      readonly items: readonly components["schemas"]["WayBody"][];
    };
    readonly Where: {
      readonly id: number;
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
    };
    readonly WhistleLine: {
      readonly case: string;
      readonly number: string | null;
      readonly category: components["schemas"]["CategoryRef"] | null;
      readonly case_state: components["schemas"]["gridgov__cases__rules__State"] | null;
      readonly version: number | null;
      readonly path: readonly components["schemas"]["AreaBody"][];
      readonly whistle: number;
      readonly kind: components["schemas"]["gridgov__cases__rules__Kind"];
      readonly ground: components["schemas"]["Ground"];
      readonly at: string;
      readonly ended_at: string | null;
      readonly withdrawn: boolean;
      readonly light: components["schemas"]["Light"] | null;
      readonly late: boolean;
      readonly meeting: components["schemas"]["MeetingBody"];
      readonly summons: readonly components["schemas"]["CalledBody"][];
    };
    readonly WhistlePage: {
      readonly items: readonly components["schemas"]["WhistleLine"][];
      readonly next: string | null;
    };
    readonly WithSecretBody: {
      readonly id: number;
      readonly channel: components["schemas"]["gridgov__notices__rules__Channel"];
      readonly label: string;
      readonly topics: readonly string[];
      readonly body: string | null;
      readonly url: string | null;
      readonly created_at: string;
      readonly ended_at: string | null;
      readonly secret: string;
    };
    readonly WithdrawnBody: {
      readonly ended: {
        readonly [key: string]: components["schemas"]["EndedBody"];
      };
    };
    readonly gridgov__analytics__hotspots__Measure: "count" | "rate";
    readonly gridgov__analytics__hotspots__Verdict: "hot" | "cold";
    readonly gridgov__analytics__measures__Measure: "count" | "per_100_households" | "per_km2" | "per_worker" | "overdue" | "overdue_share" | "ended" | "closed" | "closed_share" | "response_median_s" | "response_p90_s" | "handling_median_s" | "handling_p90_s";
    readonly gridgov__api__duty_shapes__ChangedBody: {
      readonly code: string;
      readonly fields: readonly components["schemas"]["FieldBody"][];
    };
    readonly gridgov__api__duty_shapes__ComparisonBody: {
      readonly added: number;
      readonly removed: number;
      readonly changed: number;
      readonly unchanged: number;
      readonly added_items: readonly components["schemas"]["gridgov__api__duty_shapes__ItemBody"][];
      readonly removed_items: readonly components["schemas"]["gridgov__api__duty_shapes__ItemBody"][];
      readonly changed_items: readonly components["schemas"]["gridgov__api__duty_shapes__ChangedBody"][];
    };
    readonly gridgov__api__duty_shapes__FindingBody: {
      readonly code: string;
      readonly severity: components["schemas"]["Severity"];
      readonly item: string | null;
      readonly category: string | null;
      readonly text: {
        readonly [key: string]: string;
      };
      readonly remedy: {
        readonly [key: string]: string;
      };
    };
    readonly gridgov__api__duty_shapes__FindingsBody: {
      readonly errors: number;
      readonly warnings: number;
      readonly items: readonly components["schemas"]["gridgov__api__duty_shapes__FindingBody"][];
    };
    readonly gridgov__api__duty_shapes__ItemBody: {
      readonly code: string;
      readonly category: string;
      readonly area: string | null;
      readonly management_class: components["schemas"]["ManagementClass"];
      readonly lead: string;
      readonly supporting: readonly string[];
      readonly level: string | null;
      readonly limit: string | null;
      readonly payer: string | null;
      readonly served_from_sites: boolean;
      readonly nearest: string | null;
      readonly basis: string | null;
      readonly opening: string | null;
      readonly closing: string | null;
      readonly risk_points: readonly components["schemas"]["RiskBody"][];
      readonly admission_id: number | null;
      readonly expires_at: string | null;
    };
    readonly gridgov__api__duty_shapes__MoveBody: {
      readonly category: components["schemas"]["CategoryRef"];
      readonly before: components["schemas"]["BodyRef"] | null;
      readonly after: components["schemas"]["BodyRef"] | null;
      readonly count: number;
      readonly examples: readonly components["schemas"]["ExampleBody"][];
    };
    readonly gridgov__api__duty_shapes__PreviewBody: {
      readonly rows: number;
      readonly faults: number;
      readonly fault_rows: readonly components["schemas"]["RowFaultBody"][];
      readonly columns_left_out: readonly string[];
      readonly comparison: components["schemas"]["gridgov__api__duty_shapes__ComparisonBody"];
    };
    readonly gridgov__api__plan_board_shapes__ChangedBody: {
      readonly atoms: readonly components["schemas"]["AtomPlaces"][];
      readonly grids: readonly components["schemas"]["GridBody"][];
      readonly gone: readonly number[];
      readonly redrawn: {
        readonly [key: string]: unknown;
      };
    };
    readonly gridgov__api__plan_board_shapes__FindingBody: {
      readonly kind: string;
      readonly severity: string;
      readonly grids: readonly number[];
      readonly atoms: readonly number[];
      readonly at: readonly number[] | null;
      readonly text: {
        readonly [key: string]: string;
      };
    };
    readonly gridgov__api__plan_board_shapes__FindingsBody: {
      readonly revision: number;
      readonly publishable: boolean;
      readonly items: readonly components["schemas"]["gridgov__api__plan_board_shapes__FindingBody"][];
    };
    readonly gridgov__api__plan_board_shapes__LineBody: {
      readonly no: number;
      readonly kind: string;
      readonly payload: {
        readonly [key: string]: unknown;
      };
      readonly grids: readonly number[];
      readonly undoes: number | null;
      readonly redoes: number | null;
      readonly digest: string;
      readonly account_id: number | null;
      readonly account: string | null;
      readonly at: string;
    };
    readonly gridgov__api__plan_file_shapes__ComparisonBody: {
      readonly households: number;
      readonly households_moved: number;
      readonly cases_moved: number | null;
      readonly fates: {
        readonly [key: string]: number;
      };
      readonly communities: readonly components["schemas"]["ComparedBody"][];
    };
    readonly gridgov__api__plan_file_shapes__TakenBody: {
      readonly done: components["schemas"]["DoneBody"];
      readonly preview: components["schemas"]["FilePreviewBody"];
    };
    readonly gridgov__api__plan_shapes__CountBody: {
      readonly id: number;
      readonly counted_on: string;
      readonly source: string;
      readonly total: number;
    };
    readonly gridgov__api__plan_time_shapes__ChangeBody: {
      readonly kind: "merge-communities" | "abolish-tier" | "restore-tier" | "reparent" | "rename-area" | "bring-back";
      readonly payload: {
        readonly [key: string]: unknown;
      };
    };
    readonly gridgov__api__plan_time_shapes__CountBody: {
      readonly area_id: number;
      readonly code: string | null;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly count: number;
    };
    readonly gridgov__api__plan_time_shapes__CountsBody: {
      readonly total: number;
      readonly now: readonly components["schemas"]["gridgov__api__plan_time_shapes__CountBody"][];
      readonly by_plan: readonly components["schemas"]["gridgov__api__plan_time_shapes__CountBody"][];
    };
    readonly gridgov__api__plan_time_shapes__MatterBody: {
      readonly list: string;
      readonly item: string;
      readonly lead: string;
      readonly note: string;
    };
    readonly gridgov__api__plan_time_shapes__MoveBody: {
      readonly before: string | null;
      readonly after: string | null;
      readonly count: number;
    };
    readonly gridgov__api__plan_time_shapes__PlacedBody: {
      readonly inside: boolean;
      readonly path: readonly components["schemas"]["AreaBody"][];
    };
    readonly gridgov__api__plan_time_shapes__PreviewBody: {
      readonly moved_households: number;
      readonly begun: readonly components["schemas"]["AreaBody"][];
      readonly changed: readonly components["schemas"]["AreaBody"][];
      readonly ending: readonly components["schemas"]["EndingBody"][];
      readonly moves: readonly components["schemas"]["MovesBody"][];
      readonly blocking: readonly components["schemas"]["BlockingBody"][];
      readonly open_matters: readonly components["schemas"]["OpenMatterBody"][];
    };
    readonly gridgov__api__plan_time_shapes__TakenBackBody: {
      readonly reason: string;
    };
    readonly gridgov__api__posts__PlaceBody: {
      readonly kind: string;
      readonly id?: number | null;
      readonly level?: string | null;
      readonly code?: string | null;
      readonly names?: {
        readonly [key: string]: string;
      };
      readonly in_force: boolean;
    };
    readonly gridgov__api__requested__OpinionBody: {
      readonly unit: components["schemas"]["gridgov__api__requested__PlacedBody"];
      readonly stance: components["schemas"]["Stance"] | null;
      readonly reason: string | null;
      readonly at: string | null;
    };
    readonly gridgov__api__requested__PlacedBody: {
      readonly id: number;
      readonly level: string;
      readonly code: string | null;
      readonly names: {
        readonly [key: string]: string;
      } | null;
    };
    readonly gridgov__api__requested__TakenBackBody: {
      readonly reason: string;
    };
    readonly gridgov__api__routes__agencies__AgencyBody: {
      readonly id: number;
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
      readonly kind: string | null;
      readonly parent: number | null;
      readonly stationed: number | null;
      readonly stationed_names: {
        readonly [key: string]: string;
      } | null;
      readonly closed_at: string | null;
      readonly sites: number;
      readonly sites_below: number;
    };
    readonly gridgov__api__routes__approvals__WithdrawalBody: {
      readonly note: string;
    };
    readonly gridgov__api__routes__area_history__OfficeBody: {
      readonly area: components["schemas"]["AreaBody"];
      readonly posts: readonly components["schemas"]["RoleCountBody"][];
      readonly stationed: readonly components["schemas"]["UnitBody"][];
    };
    readonly gridgov__api__routes__contacts__ReasonBody: {
      readonly reason: string;
    };
    readonly gridgov__api__routes__counts__CountsBody: {
      readonly of: components["schemas"]["Of"];
      readonly by: components["schemas"]["Dimension"];
      readonly then: components["schemas"]["Dimension"] | null;
      readonly from: string | null;
      readonly to: string | null;
      readonly as_by: string | null;
      readonly as_of: string;
      readonly behind: string;
      readonly total: number;
      readonly unlocated: number;
      readonly above_level: number;
      readonly ids: readonly number[] | null;
      readonly codes: readonly string[];
      readonly then_ids: readonly number[] | null;
      readonly then_codes: readonly string[] | null;
      readonly counts: readonly number[];
      readonly measures: {
        readonly [key: string]: readonly (number | null)[];
      };
    };
    readonly gridgov__api__routes__deliveries__ReasonBody: {
      readonly reason: string;
    };
    readonly gridgov__api__routes__exchange__ChangeBody: {
      readonly position: number;
      readonly order: string;
      readonly case: string;
      readonly at: string;
      readonly action: components["schemas"]["Action"];
      readonly state: components["schemas"]["gridgov__cases__rules__State"];
      readonly version: number;
      readonly holder: string | null;
      readonly due_at: string | null;
      readonly paper: string | null;
      readonly why: components["schemas"]["Outside"] | null;
    };
    readonly gridgov__api__routes__findings__Kind: {
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
    };
    readonly gridgov__api__routes__locate__PlaceBody: {
      readonly text: {
        readonly [key: string]: string;
      };
      readonly street: components["schemas"]["NamedBody"] | null;
      readonly crossing: components["schemas"]["NamedBody"] | null;
      readonly near: components["schemas"]["NamedBody"] | null;
    };
    readonly gridgov__api__routes__notices__NoticeBody: {
      readonly id: number;
      readonly topic: string;
      readonly key: string;
      readonly texts: {
        readonly [key: string]: string;
      };
      readonly facts: {
        readonly [key: string]: unknown;
      };
      readonly at: string;
      readonly body: string;
      readonly read: boolean;
    };
    readonly gridgov__api__routes__participation__MatterBody: {
      readonly id: string;
      readonly number: string;
      readonly category: components["schemas"]["CategoryRef"];
      readonly channel: string;
      readonly happened_at: string;
      readonly received_at: string;
      readonly text: string | null;
      readonly address: string | null;
      readonly reported: components["schemas"]["Lonlat"];
      readonly datum: components["schemas"]["Datum"];
      readonly accuracy_m: number | null;
      readonly point: components["schemas"]["Lonlat"];
      readonly place: {
        readonly [key: string]: string;
      };
      readonly source: components["schemas"]["SourceBody"] | null;
    };
    readonly gridgov__api__routes__privacy__AnswerBody: {
      readonly request: components["schemas"]["RequestBody-Output"];
      readonly held: readonly components["schemas"]["gridgov__api__routes__privacy__HeldBody"][];
      readonly ended: {
        readonly [key: string]: components["schemas"]["EndedBody"];
      };
      readonly corrected: {
        readonly [key: string]: number;
      };
      readonly rules: readonly components["schemas"]["gridgov__api__routes__privacy__LineBody"][];
    };
    readonly gridgov__api__routes__privacy__HeldBody: {
      readonly holding: string;
      readonly key: string;
      readonly since: string;
      readonly frozen_at: string | null;
      readonly values: {
        readonly [key: string]: string;
      };
      readonly facts: {
        readonly [key: string]: unknown;
      };
    };
    readonly gridgov__api__routes__privacy__LineBody: {
      readonly table: string;
      readonly column: string;
      readonly purpose: string;
      readonly basis: string;
      readonly days: number;
      readonly since: string;
      readonly sensitive: boolean;
      readonly store: string;
    };
    readonly gridgov__api__routes__privacy__NoticeBody: {
      readonly id: number;
      readonly code: string;
      readonly version: number;
      readonly handler: {
        readonly [key: string]: string;
      };
      readonly texts: {
        readonly [key: string]: string;
      };
      readonly purposes: readonly components["schemas"]["PurposeBody"][];
      readonly kinds: readonly {
        readonly [key: string]: string;
      }[];
      readonly retention: readonly components["schemas"]["KeptBody"][];
      readonly rights: readonly string[];
      readonly valid_from: string;
    };
    readonly gridgov__api__routes__privacy__WithdrawalBody: {
      readonly phone: string;
      readonly channel: components["schemas"]["gridgov__privacy__consents__Channel"];
    };
    readonly gridgov__api__routes__receipts__AnswerBody: {
      readonly at: string;
      readonly text: string;
      readonly paper: string | null;
    };
    readonly gridgov__api__routes__receipts__OfficeBody: {
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
    };
    readonly gridgov__api__routes__receptions__HeldBody: {
      readonly id: string;
      readonly held_at: string;
      readonly notice: string;
      readonly deputy: number;
      readonly area: number;
      readonly area_code: string;
      readonly area_names: {
        readonly [key: string]: string;
      };
      readonly opinions: number;
      readonly replied: number;
      readonly heard: readonly components["schemas"]["gridgov__api__routes__receptions__OpinionBody"][];
    };
    readonly gridgov__api__routes__receptions__OpinionBody: {
      readonly case: string;
      readonly ordinal: number;
      readonly number: string | null;
      readonly category: components["schemas"]["CategoryRef"] | null;
      readonly state: components["schemas"]["gridgov__cases__rules__State"] | null;
      readonly replied_at: string | null;
    };
    readonly gridgov__api__routes__receptions__TakenBody: {
      readonly case: string;
      readonly number: string;
      readonly secret: string;
      readonly repeated: boolean;
    };
    readonly gridgov__api__routes__route__ItemBody: {
      readonly code: string;
      readonly category: string;
      readonly basis: string | null;
      readonly management_class: string;
      readonly served_from_sites: boolean;
      readonly list: components["schemas"]["ListRef"];
      readonly area: components["schemas"]["AreaRef"] | null;
      readonly match: string;
    };
    readonly gridgov__api__routes__session__NoticeBody: {
      readonly code: string;
      readonly text: {
        readonly [key: string]: string;
      };
    };
    readonly gridgov__api__routes__webhooks__ChangeBody: {
      readonly label?: string | null;
      readonly topics?: readonly string[] | null;
    };
    readonly gridgov__api__routes__whistles__AgencyBody: {
      readonly id: number;
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
    };
    readonly gridgov__api__routes__worklists__AgencyBody: {
      readonly id: number;
      readonly code: string;
      readonly names: {
        readonly [key: string]: string;
      };
    };
    readonly gridgov__api__routes__worklists__CountBody: {
      readonly state: components["schemas"]["gridgov__cases__rules__State"];
      readonly light: components["schemas"]["Light"];
      readonly cases: number;
    };
    readonly gridgov__api__routes__worklists__CountsBody: {
      readonly counts: readonly components["schemas"]["gridgov__api__routes__worklists__CountBody"][];
      readonly total: number;
    };
    readonly gridgov__areas__rules__Kind: "urban" | "rural" | "special";
    readonly gridgov__audit__approving__State: "pending" | "approved" | "refused" | "withdrawn" | "expired" | "taken";
    readonly gridgov__cases__participation__Stage: "before" | "during" | "after";
    readonly gridgov__cases__rules__Kind: "advance" | "hard";
    readonly gridgov__cases__rules__Part: "lead" | "support" | "enforcement" | "law" | "safeguard";
    readonly gridgov__cases__rules__Stage: "collection" | "filing" | "dispatch" | "handling" | "feedback" | "check" | "evaluation";
    readonly gridgov__cases__rules__State: "reported" | "verifying" | "accepted" | "dispatched" | "handling" | "returning" | "disputed" | "suspended" | "whistled" | "answered" | "checking" | "checked" | "closed" | "refused" | "cancelled" | "merged";
    readonly gridgov__duties__admitting__Part: "support" | "lead";
    readonly gridgov__duties__admitting__State: "draft" | "submitted" | "heard" | "admitted" | "refused" | "withdrawn" | "expired" | "renewed";
    readonly gridgov__duties__admitting__Verdict: "admit" | "admit-with-conditions" | "refuse";
    readonly gridgov__duties__appraisals__Kind: "assessment" | "veto" | "pledge";
    readonly gridgov__incidents__rules__Channel: "worker" | "hotline" | "mini-program" | "window" | "visit" | "deputy" | "sensor" | "import";
    readonly gridgov__notices__rules__Channel: "webhook" | "mail" | "sms";
    readonly gridgov__notices__rules__State: "waiting" | "sent" | "no-contact" | "dead" | "given-up";
    readonly gridgov__privacy__consents__Channel: "mini-program" | "window" | "visit" | "hotline";
    readonly gridgov__privacy__rules__Kind: "access" | "copy" | "correct" | "erase" | "explain";
    readonly Answers: {
      readonly "GET /city": components["schemas"]["CityBody"];
      readonly "GET /categories": components["schemas"]["CategoriesBody"];
      readonly "GET /search": components["schemas"]["SearchBody"];
      readonly "GET /calendar": components["schemas"]["CalendarBody"];
      readonly "GET /calendar/due": components["schemas"]["DueBody"];
      readonly "PUT /calendar/hours": components["schemas"]["CalendarHoursBody"];
      readonly "PUT /calendar/{year}": components["schemas"]["DayChangesBody"];
      readonly "GET /areas/changes": components["schemas"]["TurnsBody"];
      readonly "GET /areas/{area_id}/lineage": components["schemas"]["LineageBody"];
      readonly "GET /areas/{area_id}/neighbours": components["schemas"]["AroundBody"];
      readonly "GET /areas/{area_id}/responsible": components["schemas"]["ResponsibleBody"];
      readonly "GET /areas/outlines": components["schemas"]["OutlinesBody"];
      readonly "GET /areas": components["schemas"]["AreaPage"];
      readonly "GET /areas/{area_id}": components["schemas"]["AreaDetail"];
      readonly "GET /agencies": components["schemas"]["AgencyList"];
      readonly "GET /agencies/{agency_id}/sites": components["schemas"]["SiteList"];
      readonly "GET /sites/service-areas": components["schemas"]["ServedCollection"];
      readonly "GET /locate": components["schemas"]["LocateBody"];
      readonly "GET /route/ways": components["schemas"]["WaysBody"];
      readonly "GET /route": components["schemas"]["RouteBody"];
      readonly "GET /basemap": components["schemas"]["BasemapBody"];
      readonly "POST /incidents": components["schemas"]["ReceiptBody-Output"];
      readonly "GET /incidents": components["schemas"]["IncidentPage"];
      readonly "GET /incidents/{incident_id}": components["schemas"]["IncidentBody"];
      readonly "GET /cases": components["schemas"]["CasePage"];
      readonly "GET /cases/counts": components["schemas"]["gridgov__api__routes__worklists__CountsBody"];
      readonly "GET /cases/{case_id}/near": readonly components["schemas"]["NearBody"][];
      readonly "GET /summons": components["schemas"]["InboxPage"];
      readonly "GET /whistles": components["schemas"]["WhistlePage"];
      readonly "GET /whistles/figures": components["schemas"]["BothBody"];
      readonly "POST /cases/{case_id}/summons/{call}/correction": components["schemas"]["AskedBody"];
      readonly "GET /cases/table": readonly components["schemas"]["TableBody"][];
      readonly "GET /cases/{case_id}": components["schemas"]["CaseBody"];
      readonly "GET /cases/{case_id}/history": readonly components["schemas"]["EventBody"][];
      readonly "POST /cases/{case_id}/actions": components["schemas"]["CaseBody"];
      readonly "POST /incidents/{incident_id}/attachments": components["schemas"]["AttachmentList"];
      readonly "GET /incidents/{incident_id}/attachments": components["schemas"]["AttachmentList"];
      readonly "POST /incidents/{incident_id}/attachments/{attachment_id}/origin": components["schemas"]["OriginBody"];
      readonly "GET /density": components["schemas"]["DensityBody"];
      readonly "GET /density/days": components["schemas"]["DaysBody"];
      readonly "GET /density/hotspots": components["schemas"]["HotSpotsBody"];
      readonly "GET /public/density": components["schemas"]["PublicBody"];
      readonly "GET /counts": components["schemas"]["gridgov__api__routes__counts__CountsBody"];
      readonly "GET /density/clusters": components["schemas"]["ClustersBody"];
      readonly "GET /density/repeats": components["schemas"]["RepeatsBody"];
      readonly "GET /density/rising": components["schemas"]["RisingBody"];
      readonly "GET /density/surface": components["schemas"]["SurfaceBody"];
      readonly "GET /alerts": components["schemas"]["AlertsBody"];
      readonly "GET /alerts/past": components["schemas"]["PastPage"];
      readonly "GET /alerts/rules": components["schemas"]["RulesBody"];
      readonly "POST /alerts/rules": components["schemas"]["RuleBody"];
      readonly "PATCH /alerts/rules/{rule_id}": components["schemas"]["RuleBody"];
      readonly "DELETE /alerts/rules/{rule_id}": components["schemas"]["RuleBody"];
      readonly "GET /session": components["schemas"]["SessionBody"];
      readonly "POST /session": components["schemas"]["SessionBody"];
      readonly "DELETE /session": components["schemas"]["SessionBody"];
      readonly "PUT /session/post": components["schemas"]["SessionBody"];
      readonly "PUT /session/password": components["schemas"]["SessionBody"];
      readonly "GET /accounts": components["schemas"]["AccountPage"];
      readonly "POST /accounts": components["schemas"]["OpenedBody"];
      readonly "GET /accounts/{account_id}": components["schemas"]["AccountBody"];
      readonly "PATCH /accounts/{account_id}": components["schemas"]["OpenedBody"];
      readonly "POST /accounts/{account_id}/posts": components["schemas"]["AccountBody"];
      readonly "DELETE /accounts/{account_id}/posts/{post_id}": components["schemas"]["AccountBody"];
      readonly "DELETE /accounts/{account_id}/sessions": components["schemas"]["AccountBody"];
      readonly "GET /posts": components["schemas"]["PostPage"];
      readonly "GET /tokens": components["schemas"]["TokenPage"];
      readonly "POST /tokens": components["schemas"]["MadeBody"];
      readonly "DELETE /tokens/{token_id}": components["schemas"]["TokenBody"];
      readonly "POST /receipts": components["schemas"]["StandingBody"];
      readonly "POST /receipts/reopening": components["schemas"]["ReopenedBody"];
      readonly "GET /incidents/{incident_id}/contact": components["schemas"]["ContactBody"];
      readonly "POST /incidents/{incident_id}/contact/reveal": components["schemas"]["ContactBody"];
      readonly "GET /privacy/notices/{code}": components["schemas"]["gridgov__api__routes__privacy__NoticeBody"];
      readonly "GET /privacy/register": components["schemas"]["RegisterBody"];
      readonly "POST /privacy/requests": components["schemas"]["RequestBody-Output"];
      readonly "GET /privacy/requests": components["schemas"]["RequestList"];
      readonly "POST /privacy/requests/mine": components["schemas"]["RequestList"];
      readonly "POST /privacy/requests/{request_id}/drop": components["schemas"]["RequestBody-Output"];
      readonly "POST /privacy/requests/papers": components["schemas"]["RequestBody-Output"];
      readonly "POST /privacy/requests/{request_id}/take": components["schemas"]["RequestBody-Output"];
      readonly "POST /privacy/requests/{request_id}/extend": components["schemas"]["RequestBody-Output"];
      readonly "POST /privacy/requests/{request_id}/refuse": components["schemas"]["RequestBody-Output"];
      readonly "POST /privacy/requests/{request_id}/fulfil": components["schemas"]["gridgov__api__routes__privacy__AnswerBody"];
      readonly "POST /privacy/consents": components["schemas"]["RecordedBody"];
      readonly "POST /privacy/consents/withdrawal": components["schemas"]["WithdrawnBody"];
      readonly "GET /audit/entries": components["schemas"]["EntryPage"];
      readonly "GET /audit/entries/{entry_id}": components["schemas"]["EntryBody"];
      readonly "GET /audit/waiting": components["schemas"]["WaitingBody"];
      readonly "GET /audit/seals/{number}": components["schemas"]["SealBody"];
      readonly "GET /audit/key": components["schemas"]["KeyBody"];
      readonly "GET /approvals": components["schemas"]["ApprovalPage"];
      readonly "GET /approvals/{approval_id}": components["schemas"]["ApprovalBody"];
      readonly "POST /approvals/{approval_id}/decision": components["schemas"]["ApprovalBody"];
      readonly "POST /approvals/{approval_id}/withdrawal": components["schemas"]["ApprovalBody"];
      readonly "GET /duty-lists": components["schemas"]["ListPage"];
      readonly "GET /duty-lists/comparison": components["schemas"]["gridgov__api__duty_shapes__ComparisonBody"];
      readonly "GET /duty-lists/{list_id}": components["schemas"]["ListBody"];
      readonly "DELETE /duty-lists/{list_id}": components["schemas"]["ListBody"];
      readonly "GET /duty-lists/{list_id}/items": components["schemas"]["ItemPage"];
      readonly "GET /duty-lists/{list_id}/findings": components["schemas"]["gridgov__api__duty_shapes__FindingsBody"];
      readonly "GET /duty-lists/{list_id}/losses": components["schemas"]["LossesBody"];
      readonly "GET /duty-lists/{list_id}/dry-run": components["schemas"]["DryRunBody"];
      readonly "POST /duty-lists/previews": components["schemas"]["gridgov__api__duty_shapes__PreviewBody"];
      readonly "POST /duty-lists/drafts": components["schemas"]["DraftBody"];
      readonly "POST /duty-lists/{list_id}/request": components["schemas"]["ApprovalBody"];
      readonly "POST /duty-lists/{list_id}/publication": components["schemas"]["PublishedBody"];
      readonly "GET /admissions/appraisals": components["schemas"]["AppraisalList"];
      readonly "POST /admissions/appraisals": components["schemas"]["AppraisalBody"];
      readonly "POST /admissions/appraisals/{appraisal_id}/end": components["schemas"]["AppraisalBody"];
      readonly "GET /admissions/ledger": components["schemas"]["SumPage"];
      readonly "GET /admissions/alerts": components["schemas"]["AlertPage"];
      readonly "GET /admissions/burden": components["schemas"]["BurdenPage"];
      readonly "POST /admissions/transfers/{transfer_id}/confirmation": components["schemas"]["TransferBody"];
      readonly "GET /admissions/{admission_id}/ledger": components["schemas"]["LedgerBody"];
      readonly "POST /admissions/{admission_id}/transfers": components["schemas"]["TransferBody"];
      readonly "GET /admissions": components["schemas"]["AdmissionPage"];
      readonly "POST /admissions": components["schemas"]["DetailBody"];
      readonly "GET /admissions/{admission_id}": components["schemas"]["DetailBody"];
      readonly "PUT /admissions/{admission_id}": components["schemas"]["DetailBody"];
      readonly "POST /admissions/{admission_id}/submission": components["schemas"]["DetailBody"];
      readonly "POST /admissions/{admission_id}/opinions": components["schemas"]["DetailBody"];
      readonly "POST /admissions/{admission_id}/decision": components["schemas"]["DetailBody"];
      readonly "POST /admissions/{admission_id}/withdrawal": components["schemas"]["DetailBody"];
      readonly "POST /admissions/{admission_id}/revocation": components["schemas"]["DetailBody"];
      readonly "GET /notices": components["schemas"]["NoticePage"];
      readonly "GET /notices/unread": components["schemas"]["UnreadBody"];
      readonly "POST /notices/read": components["schemas"]["UnreadBody"];
      readonly "GET /webhooks": components["schemas"]["SubscriptionPage"];
      readonly "POST /webhooks": components["schemas"]["WithSecretBody"];
      readonly "GET /webhooks/{subscription_id}": components["schemas"]["SubscriptionBody"];
      readonly "PATCH /webhooks/{subscription_id}": components["schemas"]["SubscriptionBody"];
      readonly "DELETE /webhooks/{subscription_id}": components["schemas"]["SubscriptionBody"];
      readonly "POST /webhooks/{subscription_id}/secret": components["schemas"]["WithSecretBody"];
      readonly "POST /webhooks/{subscription_id}/ping": components["schemas"]["PingBody"];
      readonly "GET /offices": components["schemas"]["SubscriptionPage"];
      readonly "POST /offices": components["schemas"]["SubscriptionBody"];
      readonly "DELETE /offices/{subscription_id}": components["schemas"]["SubscriptionBody"];
      readonly "GET /deliveries": components["schemas"]["DeliveryPage"];
      readonly "GET /deliveries/{delivery_id}": components["schemas"]["DeliveryBody"];
      readonly "POST /deliveries/{delivery_id}/retry": components["schemas"]["DeliveryBody"];
      readonly "POST /deliveries/{delivery_id}/give-up": components["schemas"]["DeliveryBody"];
      readonly "GET /cases/{case_id}/incident": components["schemas"]["gridgov__api__routes__participation__MatterBody"];
      readonly "GET /cases/{case_id}/photos": components["schemas"]["CasePhotoList"];
      readonly "POST /cases/{case_id}/photos": components["schemas"]["CasePhotoList"];
      readonly "GET /cases/{case_id}/contact": components["schemas"]["ContactBody"];
      readonly "POST /cases/{case_id}/contact/reveal": components["schemas"]["ContactBody"];
      readonly "GET /exchange/changes": components["schemas"]["ChangePage"];
      readonly "GET /exchange/feedback": readonly components["schemas"]["FeedbackBody"][];
      readonly "GET /receptions": components["schemas"]["ReceptionPage"];
      readonly "POST /receptions": components["schemas"]["ReceptionBody"];
      readonly "GET /receptions/{reception_id}": components["schemas"]["gridgov__api__routes__receptions__HeldBody"];
      readonly "POST /receptions/{reception_id}/opinions": readonly components["schemas"]["gridgov__api__routes__receptions__TakenBody"][];
      readonly "GET /plans/activations": components["schemas"]["ActivationPage"];
      readonly "POST /plans/{plan_id}/submission": components["schemas"]["SubmittedBody"];
      readonly "POST /plans/{plan_id}/withdrawal": components["schemas"]["PlanBody"];
      readonly "POST /plans/{plan_id}/roll-back": components["schemas"]["PlanBody"];
      readonly "POST /plans/{plan_id}/resumption": components["schemas"]["PlanBody"];
      readonly "GET /plans/{plan_id}/changes": components["schemas"]["ChangeList"];
      readonly "PUT /plans/{plan_id}/changes": components["schemas"]["PlanBody"];
      readonly "GET /plans/{plan_id}/matters": components["schemas"]["MatterList-Output"];
      readonly "PUT /plans/{plan_id}/matters": components["schemas"]["PlanBody"];
      readonly "GET /plans/{plan_id}/preview": components["schemas"]["gridgov__api__plan_time_shapes__PreviewBody"];
      readonly "GET /plans/{plan_id}/preview/cases": components["schemas"]["MovingPage"];
      readonly "GET /plans/{plan_id}/locate": components["schemas"]["gridgov__api__plan_time_shapes__PlacedBody"];
      readonly "GET /plans/{plan_id}/counts": components["schemas"]["gridgov__api__plan_time_shapes__CountsBody"];
      readonly "GET /plans/bases": components["schemas"]["BasisPage"];
      readonly "POST /plans/bases": components["schemas"]["BasisBody"];
      readonly "GET /plans/bases/{basis_id}": components["schemas"]["BasisBody"];
      readonly "GET /plans/bases/{basis_id}/atoms": components["schemas"]["AtomsBody"];
      readonly "GET /plans/bases/{basis_id}/edges": components["schemas"]["EdgesBody"];
      readonly "GET /plans/bases/{basis_id}/counts": components["schemas"]["CountList"];
      readonly "POST /plans/bases/{basis_id}/counts": components["schemas"]["gridgov__api__plan_shapes__CountBody"];
      readonly "POST /plans/checks": components["schemas"]["CheckBody"];
      readonly "POST /plans/{plan_id}/parts/{part_id}/file/preview": components["schemas"]["FilePreviewBody"];
      readonly "POST /plans/{plan_id}/parts/{part_id}/file": components["schemas"]["gridgov__api__plan_file_shapes__TakenBody"];
      readonly "GET /plans/{plan_id}/compare/{other}": components["schemas"]["gridgov__api__plan_file_shapes__ComparisonBody"];
      readonly "GET /plans": components["schemas"]["PlanPage"];
      readonly "POST /plans": components["schemas"]["PlanBody"];
      readonly "GET /plans/metrics": components["schemas"]["MetricList"];
      readonly "GET /plans/{plan_id}": components["schemas"]["PlanBody"];
      readonly "PATCH /plans/{plan_id}": components["schemas"]["PlanBody"];
      readonly "DELETE /plans/{plan_id}": components["schemas"]["PlanBody"];
      readonly "GET /plans/{plan_id}/parts": components["schemas"]["PartPage"];
      readonly "POST /plans/{plan_id}/parts": components["schemas"]["PartBody"];
      readonly "GET /plans/{plan_id}/parts/{part_id}": components["schemas"]["PartBody"];
      readonly "GET /plans/{plan_id}/grids": components["schemas"]["OverviewPage"];
      readonly "GET /plans/{plan_id}/parts/{part_id}/board": components["schemas"]["BoardBody"];
      readonly "GET /plans/{plan_id}/parts/{part_id}/findings": components["schemas"]["gridgov__api__plan_board_shapes__FindingsBody"];
      readonly "GET /plans/{plan_id}/parts/{part_id}/operations": components["schemas"]["LogPage"];
      readonly "POST /plans/{plan_id}/parts/{part_id}/operations": components["schemas"]["DoneBody"];
      readonly "POST /plans/{plan_id}/parts/{part_id}/undo": components["schemas"]["DoneBody"];
      readonly "POST /plans/{plan_id}/parts/{part_id}/redo": components["schemas"]["DoneBody"];
      readonly "POST /plans/{plan_id}/parts/{part_id}/rebase": components["schemas"]["CarriedBody"];
      readonly "POST /plans/{plan_id}/proposals": components["schemas"]["JobBody"];
      readonly "GET /plans/{plan_id}/proposals": components["schemas"]["JobPage"];
      readonly "GET /plans/{plan_id}/proposals/{job_id}": components["schemas"]["JobBody"];
      readonly "POST /plans/{plan_id}/proposals/{job_id}/cancellation": components["schemas"]["JobBody"];
      readonly "POST /plans/{plan_id}/load": components["schemas"]["JobBody"];
      readonly "GET /plans/{plan_id}/load": components["schemas"]["LoadBody"];
      readonly "GET /health/live": components["schemas"]["Health"];
      readonly "GET /health/ready": components["schemas"]["Health"];
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
