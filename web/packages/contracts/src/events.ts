// Made from contracts/schemas by `npm run types`; not to be edited.

export namespace access_AdmittedAfterRevocation_v1 {
export type ScanId = string;
export type VenueId = string;
export type GateId = string;
export type BadgeId = string;
export type PersonId = string;
export type ScannedAt = string;
export type Reason = string;

/**
 * A scanner on its own let somebody in whose badge opened nothing by then.
 */
export interface AdmittedAfterRevocation {
  scan_id: ScanId;
  venue_id: VenueId;
  gate_id: GateId;
  badge_id: BadgeId;
  person_id: PersonId;
  scanned_at: ScannedAt;
  reason: Reason;
  [k: string]: unknown;
}
}

export namespace access_AllClearGiven_v1 {
export type EvacuationId = string;
export type ZoneId = string;
export type VenueId = string;
export type En = string;
export type Fr = string;
export type Vi = string;
export type Missing = number;

/**
 * An evacuation is over: the zone may be entered again, and is believed empty.
 */
export interface AllClearGiven {
  evacuation_id: EvacuationId;
  zone_id: ZoneId;
  venue_id: VenueId;
  names: Names;
  missing: Missing;
  [k: string]: unknown;
}
/**
 * What something is called, in the languages notices and screens are written in.
 */
export interface Names {
  en: En;
  fr: Fr;
  vi: Vi;
  [k: string]: unknown;
}
}

export namespace access_BadgeScanned_v1 {
export type ScanId = string;
export type VenueId = string;
export type GateId = string;
export type ZoneId = string;
export type Direction = "in" | "out";
export type Outcome = "admitted" | "refused" | "exited";
export type Reason = string | null;
export type Warnings = string[];
export type BadgeId = string | null;
export type BadgeVersion = number | null;
export type PersonId = string | null;
export type DelegationId = string | null;
export type Category = string | null;
export type DeviceId = string | null;
export type Source = "scanner" | "kiosk" | "turnstile" | "manual";
export type Entered = string[];
export type Left = string[];
export type Inferred = string[];
export type Basis = "badge" | "pin" | "party" | "companion" | "handover" | "override" | "journal";
export type BecauseOf = string | null;
export type LaneId = string | null;
export type OverlayId = string | null;
export type Bacnet = number;
export type Onvif = string;
export type Count = number;
export type Capacity = number | null;
export type PolicyVersion = number;
export type ScannedAt = string;
export type DecidedAt = string;

/**
 * The record of one scan, admitted or not.
 *
 * Occupancy is a fold. A zone holds the people who entered it and have not left it, each ``person_id`` once; and the
 * people nobody could tell the name of, who are the sum of ``unidentified``: fewer than none when somebody left
 * unread whom the zone still counts by name. Together they are never fewer than none. PassageUndone,
 * OccupancyCorrected and ExitsInferred are folded with it, in the order of their numbers.
 */
export interface BadgeScanned {
  scan_id: ScanId;
  venue_id: VenueId;
  gate_id: GateId;
  zone_id: ZoneId;
  direction: Direction;
  outcome: Outcome;
  reason: Reason;
  warnings: Warnings;
  badge_id: BadgeId;
  badge_version: BadgeVersion;
  person_id: PersonId;
  delegation_id: DelegationId;
  category: Category;
  device_id: DeviceId;
  source: Source;
  entered: Entered;
  left: Left;
  unidentified: Unidentified;
  inferred?: Inferred;
  basis?: Basis;
  because_of?: BecauseOf;
  lane_id?: LaneId;
  overlay_id?: OverlayId;
  standard_codes?: StandardCodes | null;
  occupancy: Occupancy | null;
  policy_version: PolicyVersion;
  scanned_at: ScannedAt;
  decided_at: DecidedAt;
  [k: string]: unknown;
}
export interface Unidentified {
  /**
   * This interface was referenced by `Unidentified`'s JSON-Schema definition
   * via the `patternProperty` "^[a-z0-9-]{1,40}$".
   */
  [k: string]: number;
}
/**
 * A reason as other systems call it: the access event number of BACnet (ASHRAE 135), the denied reason of ONVIF.
 */
export interface StandardCodes {
  bacnet: Bacnet;
  onvif: Onvif;
  [k: string]: unknown;
}
/**
 * People believed inside a zone, and how many it holds; ``capacity`` null: no limit.
 */
export interface Occupancy {
  count: Count;
  capacity?: Capacity;
  [k: string]: unknown;
}
}

export namespace access_ClockSuspected_v1 {
export type DeviceId = string;
export type VenueId = string;
export type GateId = string;
export type Sequence = number;
export type Cause = "backwards" | "ahead";
export type ByS = number;

/**
 * A scanner's clock cannot be right: it ran backwards within its journal, or is ahead of ours.
 */
export interface ClockSuspected {
  device_id: DeviceId;
  venue_id: VenueId;
  gate_id: GateId;
  sequence: Sequence;
  cause: Cause;
  by_s: ByS;
  [k: string]: unknown;
}
}

export namespace access_DeviceCutOff_v1 {
export type DeviceId = string;

/**
 * A scanner may post nothing any more.
 */
export interface DeviceCutOff {
  device_id: DeviceId;
  [k: string]: unknown;
}
}

export namespace access_DeviceEnrolled_v1 {
export type DeviceId = string;
export type GateId = string;

/**
 * A scanner was bound to a gate and may post scans for it.
 */
export interface DeviceEnrolled {
  device_id: DeviceId;
  gate_id: GateId;
  [k: string]: unknown;
}
}

export namespace access_DeviceFellSilent_v1 {
export type DeviceId = string;
export type VenueId = string;
export type GateId = string;
export type HeardAt = string;

/**
 * Nothing was heard of a scanner for a minute; ``heard_at`` last.
 */
export interface DeviceFellSilent {
  device_id: DeviceId;
  venue_id: VenueId;
  gate_id: GateId;
  heard_at: HeardAt;
  [k: string]: unknown;
}
}

export namespace access_DeviceMoved_v1 {
export type DeviceId = string;
export type GateId = string;
export type FromGateId = string;

/**
 * A scanner stands at another gate now.
 */
export interface DeviceMoved {
  device_id: DeviceId;
  gate_id: GateId;
  from_gate_id: FromGateId;
  [k: string]: unknown;
}
}

export namespace access_DeviceReported_v1 {
export type DeviceId = string;
export type VenueId = string;
export type GateId = string;
export type Battery = number | null;
export type Queue = number;
export type SkewS = number | null;
export type PolicyVersion = number | null;
export type RevocationVersion = number | null;
export type Software = string | null;
export type HeardAt = string;

/**
 * How a scanner is: told when something changed that is worth telling, and when it is back after a silence.
 */
export interface DeviceReported {
  device_id: DeviceId;
  venue_id: VenueId;
  gate_id: GateId;
  battery: Battery;
  queue: Queue;
  skew_s: SkewS;
  policy_version: PolicyVersion;
  revocation_version: RevocationVersion;
  software: Software;
  heard_at: HeardAt;
  [k: string]: unknown;
}
}

export namespace access_DoubleEntryDetected_v1 {
export type ScanId = string;
export type VenueId = string;
export type GateId = string;
export type ZoneId = string;
export type PersonId = string;
export type ScannedAt = string;
export type SeenAt = string | null;

/**
 * A scanner on its own let somebody in who was inside already.
 *
 * As far as is known: an exit between ``seen_at`` and ``scanned_at`` may come with a journal brought later.
 */
export interface DoubleEntryDetected {
  scan_id: ScanId;
  venue_id: VenueId;
  gate_id: GateId;
  zone_id: ZoneId;
  person_id: PersonId;
  scanned_at: ScannedAt;
  seen_at?: SeenAt;
  [k: string]: unknown;
}
}

export namespace access_DuressSignalled_v1 {
export type ScanId = string;
export type VenueId = string;
export type GateId = string;
export type ZoneId = string;
export type PersonId = string | null;
export type DeviceId = string | null;

/**
 * Whoever scanned was forced to. The gate showed an ordinary welcome.
 */
export interface DuressSignalled {
  scan_id: ScanId;
  venue_id: VenueId;
  gate_id: GateId;
  zone_id: ZoneId;
  person_id: PersonId;
  device_id: DeviceId;
  [k: string]: unknown;
}
}

export namespace access_EntryOverridden_v1 {
export type OverrideId = string;
export type ScanId = string;
export type AdmissionId = string;
export type VenueId = string;
export type GateId = string;
export type ZoneId = string;
export type RefusedFor = string[];
export type Reason = string;

/**
 * Somebody was admitted against a refusal; the scan that comes with this says how that moved them.
 */
export interface EntryOverridden {
  override_id: OverrideId;
  scan_id: ScanId;
  admission_id: AdmissionId;
  venue_id: VenueId;
  gate_id: GateId;
  zone_id: ZoneId;
  refused_for: RefusedFor;
  reason: Reason;
  [k: string]: unknown;
}
}

export namespace access_EvacuationOrdered_v1 {
export type EvacuationId = string;
export type ZoneId = string;
export type VenueId = string;
export type En = string;
export type Fr = string;
export type Vi = string;
export type Reason = string;
export type Expected = number;
export type Unidentified = number;
export type OrderedAt = string;

/**
 * A zone and everything inside it is left by everybody; nobody enters.
 *
 * Of the whole venue there is one for each outermost zone, all with the same ``evacuation_id``.
 */
export interface EvacuationOrdered {
  evacuation_id: EvacuationId;
  zone_id: ZoneId;
  venue_id: VenueId;
  names: Names;
  reason: Reason;
  expected: Expected;
  unidentified: Unidentified;
  ordered_at: OrderedAt;
  [k: string]: unknown;
}
/**
 * What something is called, in the languages notices and screens are written in.
 */
export interface Names {
  en: En;
  fr: Fr;
  vi: Vi;
  [k: string]: unknown;
}
}

export namespace access_ExitsInferred_v1 {
export type ZoneId = string;
export type VenueId = string;
export type People = string[];
export type Cause = "nightly" | "by_hand" | "all_clear";
export type Reason = string | null;

/**
 * People are taken to have left a zone, and everything inside it, though nobody saw them go.
 */
export interface ExitsInferred {
  zone_id: ZoneId;
  venue_id: VenueId;
  people: People;
  unidentified: Unidentified;
  cause: Cause;
  reason?: Reason;
  [k: string]: unknown;
}
export interface Unidentified {
  /**
   * This interface was referenced by `Unidentified`'s JSON-Schema definition
   * via the `patternProperty` "^[a-z0-9-]{1,40}$".
   */
  [k: string]: number;
}
}

export namespace access_GateDefined_v1 {
export type GateId = string;
export type VenueId = string;
export type Name = string;
export type FromZoneId = string | null;
export type ToZoneId = string;
export type Direction = "both" | "in" | "out";
export type Kind = "standard" | "vip" | "media" | "accessible" | "staff";
export type Categories = string[];
export type State = "open" | "closed" | "out_of_service";

/**
 * A gate joins two zones, or a zone and the outside (null).
 */
export interface GateDefined {
  gate_id: GateId;
  venue_id: VenueId;
  name: Name;
  from_zone_id: FromZoneId;
  to_zone_id: ToZoneId;
  direction?: Direction;
  kind?: Kind;
  categories?: Categories;
  state?: State;
  [k: string]: unknown;
}
}

export namespace access_GateRetired_v1 {
export type GateId = string;
export type VenueId = string;

/**
 * A gate is not one any more.
 */
export interface GateRetired {
  gate_id: GateId;
  venue_id: VenueId;
  [k: string]: unknown;
}
}

export namespace access_InspectionFailed_v1 {
export type PersonId = string;
export type VenueId = string;
export type GateId = string;
export type Kind = "screening" | "identity";

/**
 * Somebody did not pass; they enter nowhere until somebody looks again.
 */
export interface InspectionFailed {
  person_id: PersonId;
  venue_id: VenueId;
  gate_id: GateId;
  kind: Kind;
  [k: string]: unknown;
}
}

export namespace access_InspectionPassed_v1 {
export type PersonId = string;
export type VenueId = string;
export type GateId = string;
export type Kind = "screening" | "identity";
export type ValidUntil = string;

/**
 * Somebody was screened, or their face compared with their photo.
 */
export interface InspectionPassed {
  person_id: PersonId;
  venue_id: VenueId;
  gate_id: GateId;
  kind: Kind;
  valid_until: ValidUntil;
  [k: string]: unknown;
}
}

export namespace access_JournalEntryDisputed_v1 {
export type ScanId = string;
export type RecordedAs = string | null;
export type VenueId = string;
export type DeviceId = string;
export type GateId = string;
export type Sequence = number;
export type Cause = "decided_otherwise" | "scan_id_reused" | "number_reused" | "foreign_gate" | "gate_unknown";
export type BadgeId = string | null;
export type Outcome = "admitted" | "refused" | "exited";
export type ScannedAt = string;

/**
 * An entry of a scanner's journal does not agree with what is on record, and stands beside it.
 *
 * ``decided_otherwise``: the scanner was given another verdict on this scan, which it may not have heard.
 * ``scan_id_reused``: another scan has its id. ``number_reused``: it brought another scan under this number before.
 * ``foreign_gate``: it never stood there. ``gate_unknown``: there is no such gate, so nobody was moved.
 */
export interface JournalEntryDisputed {
  scan_id: ScanId;
  recorded_as: RecordedAs;
  venue_id: VenueId;
  device_id: DeviceId;
  gate_id: GateId;
  sequence: Sequence;
  cause: Cause;
  badge_id: BadgeId;
  outcome: Outcome;
  scanned_at: ScannedAt;
  [k: string]: unknown;
}
}

export namespace access_JournalUploaded_v1 {
export type DeviceId = string;
export type VenueId = string;
export type GateId = string;
export type First = number;
export type Last = number;
export type Scans = number;
export type Conflicts = number;

/**
 * A scanner brought scans ``first`` to ``last`` of its own count; those new to us come right after this.
 */
export interface JournalUploaded {
  device_id: DeviceId;
  venue_id: VenueId;
  gate_id: GateId;
  first: First;
  last: Last;
  scans: Scans;
  conflicts: Conflicts;
  [k: string]: unknown;
}
}

export namespace access_LockdownDeclared_v1 {
export type ZoneId = string;
export type VenueId = string;
export type En = string;
export type Fr = string;
export type Vi = string;
export type Reason = string;

/**
 * Entries into a zone and everything inside it are frozen; exits stay free.
 */
export interface LockdownDeclared {
  zone_id: ZoneId;
  venue_id: VenueId;
  names: Names;
  reason: Reason;
  [k: string]: unknown;
}
/**
 * What something is called, in the languages notices and screens are written in.
 */
export interface Names {
  en: En;
  fr: Fr;
  vi: Vi;
  [k: string]: unknown;
}
}

export namespace access_LockdownLifted_v1 {
export type ZoneId = string;
export type VenueId = string;
export type En = string;
export type Fr = string;
export type Vi = string;

/**
 * Entries are decided as usual again.
 */
export interface LockdownLifted {
  zone_id: ZoneId;
  venue_id: VenueId;
  names: Names;
  [k: string]: unknown;
}
/**
 * What something is called, in the languages notices and screens are written in.
 */
export interface Names {
  en: En;
  fr: Fr;
  vi: Vi;
  [k: string]: unknown;
}
}

export namespace access_MusterReconciled_v1 {
export type EvacuationId = string;
export type VenueId = string;
export type Expected = number;
export type Accounted = number;
export type Missing = number;
export type Unknown = number;
export type Unexpected = number;

/**
 * How the list and the assembly points compare.
 */
export interface MusterReconciled {
  evacuation_id: EvacuationId;
  venue_id: VenueId;
  expected: Expected;
  accounted: Accounted;
  missing: Missing;
  unknown: Unknown;
  unexpected: Unexpected;
  [k: string]: unknown;
}
}

export namespace access_OccupancyCorrected_v1 {
export type ZoneId = string;
export type VenueId = string;
export type Believed = number;
export type Counted = number;
export type Unidentified = number;
export type Reason = string;
export type FollowsFrom = string | null;

/**
 * Somebody counted the heads in a zone, or in one around or inside it, which ``follows_from`` names.
 */
export interface OccupancyCorrected {
  zone_id: ZoneId;
  venue_id: VenueId;
  believed: Believed;
  counted: Counted;
  unidentified: Unidentified;
  reason: Reason;
  follows_from?: FollowsFrom;
  [k: string]: unknown;
}
}

export namespace access_OverlayAllocated_v1 {
export type OverlayId = string;
export type VenueId = string;
export type DelegationId = string;
export type Kind = string;
export type Number = number;

/**
 * A delegation got a transferable pass, which counts beside a badge of its own only.
 */
export interface OverlayAllocated {
  overlay_id: OverlayId;
  venue_id: VenueId;
  delegation_id: DelegationId;
  kind: Kind;
  number: Number;
  [k: string]: unknown;
}
}

export namespace access_OverlayCancelled_v1 {
export type OverlayId = string;
export type VenueId = string;
export type DelegationId = string;
export type Reason = string;

/**
 * A pass counts no more.
 */
export interface OverlayCancelled {
  overlay_id: OverlayId;
  venue_id: VenueId;
  delegation_id: DelegationId;
  reason: Reason;
  [k: string]: unknown;
}
}

export namespace access_OverlayHandedOver_v1 {
export type OverlayId = string;
export type VenueId = string;
export type DelegationId = string;
export type ZoneId = string;
export type FromPersonId = string;
export type ToPersonId = string;

/**
 * In a room, one person gave a pass to another of their delegation; two scans say how that moved them.
 */
export interface OverlayHandedOver {
  overlay_id: OverlayId;
  venue_id: VenueId;
  delegation_id: DelegationId;
  zone_id: ZoneId;
  from_person_id: FromPersonId;
  to_person_id: ToPersonId;
  [k: string]: unknown;
}
}

export namespace access_OverrideRequested_v1 {
export type OverrideId = string;
export type ScanId = string;
export type VenueId = string;
export type GateId = string;
export type ZoneId = string;
export type PersonId = string;
export type RefusedFor = string[];
export type Reason = string;
export type ConfirmBy = string | null;

/**
 * A supervisor asks for somebody to be admitted; ``confirm_by`` null: no second person is needed.
 */
export interface OverrideRequested {
  override_id: OverrideId;
  scan_id: ScanId;
  venue_id: VenueId;
  gate_id: GateId;
  zone_id: ZoneId;
  person_id: PersonId;
  refused_for: RefusedFor;
  reason: Reason;
  confirm_by: ConfirmBy;
  [k: string]: unknown;
}
}

export namespace access_OverrideReviewed_v1 {
export type OverrideId = string;
export type VenueId = string;
export type Finding = "justified" | "unjustified";

/**
 * Somebody else looked at it afterwards.
 */
export interface OverrideReviewed {
  override_id: OverrideId;
  venue_id: VenueId;
  finding: Finding;
  [k: string]: unknown;
}
}

export namespace access_PartyDissolved_v1 {
export type PartyId = string;
export type VenueId = string;

/**
 * Its people pass one by one again.
 */
export interface PartyDissolved {
  party_id: PartyId;
  venue_id: VenueId;
  [k: string]: unknown;
}
}

export namespace access_PartyFormed_v1 {
export type PartyId = string;
export type VenueId = string;
export type LeaderId = string;
export type Members = string[];

/**
 * A party that one scan of its leader lets in, as it is now, in full.
 */
export interface PartyFormed {
  party_id: PartyId;
  venue_id: VenueId;
  leader_id: LeaderId;
  members: Members;
  [k: string]: unknown;
}
}

export namespace access_PartyScanned_v1 {
export type PartyId = string;
export type ScanId = string;
export type VenueId = string;
export type GateId = string;
export type ZoneId = string;
export type Expected = number;
export type Heads = number;
export type Admitted = number;
export type Refused = number;

/**
 * A party came to a gate. ``heads``: how many the guard counted, the leader among them.
 */
export interface PartyScanned {
  party_id: PartyId;
  scan_id: ScanId;
  venue_id: VenueId;
  gate_id: GateId;
  zone_id: ZoneId;
  expected: Expected;
  heads: Heads;
  admitted: Admitted;
  refused: Refused;
  [k: string]: unknown;
}
}

export namespace access_PassageUndone_v1 {
export type ScanId = string;
export type VenueId = string;
export type GateId = string;
export type ZoneId = string;
export type PersonId = string | null;
export type DelegationId = string | null;
export type Entered = string[];
export type Left = string[];
export type Count = number;
export type Capacity = number | null;
export type Reason = string | null;

/**
 * A passage was decided and not taken: presence goes back by ``entered``, ``left`` and ``unidentified``.
 */
export interface PassageUndone {
  scan_id: ScanId;
  venue_id: VenueId;
  gate_id: GateId;
  zone_id: ZoneId;
  person_id: PersonId;
  delegation_id: DelegationId;
  entered: Entered;
  left: Left;
  unidentified: Unidentified;
  occupancy: Occupancy;
  reason?: Reason;
  [k: string]: unknown;
}
export interface Unidentified {
  /**
   * This interface was referenced by `Unidentified`'s JSON-Schema definition
   * via the `patternProperty` "^[a-z0-9-]{1,40}$".
   */
  [k: string]: number;
}
/**
 * People believed inside a zone, and how many it holds; ``capacity`` null: no limit.
 */
export interface Occupancy {
  count: Count;
  capacity?: Capacity;
  [k: string]: unknown;
}
}

export namespace access_PassbackForgiven_v1 {
export type VenueId = string;
export type Scope = "person" | "zone" | "all";
export type PersonId = string | null;
export type ZoneId = string | null;
export type Reason = string;

/**
 * What movement says against people is passed over once: of one person, of all in a zone, or of everybody.
 */
export interface PassbackForgiven {
  venue_id: VenueId;
  scope: Scope;
  person_id: PersonId;
  zone_id: ZoneId;
  reason: Reason;
  [k: string]: unknown;
}
}

export namespace access_PersonMustered_v1 {
export type EvacuationId = string;
export type VenueId = string;
export type Point = string;
export type PersonId = string | null;
export type DelegationId = string | null;
export type Expected = boolean;

/**
 * Somebody turned up at an assembly point; ``person_id`` null: nobody knows their name.
 */
export interface PersonMustered {
  evacuation_id: EvacuationId;
  venue_id: VenueId;
  point: Point;
  person_id: PersonId;
  delegation_id: DelegationId;
  expected: Expected;
  [k: string]: unknown;
}
}

export namespace access_PolicyApplied_v1 {
export type VenueId = string;
export type PolicyVersion = number;
export type Digest = string;
export type Changes = number;

/**
 * A whole policy was applied in one piece; the changes are the events right before this.
 */
export interface PolicyApplied {
  venue_id: VenueId;
  policy_version: PolicyVersion;
  digest: Digest;
  changes: Changes;
  [k: string]: unknown;
}
}

export namespace access_RevocationSpread_v1 {
export type BadgeId = string;
export type VenueId = string;
export type Version = number;
export type Gates = number;
export type Reached = number;
export type SlowestMs = number | null;
export type Silent = string[];

/**
 * How far the gates had taken in that a badge opens nothing: all of them, or those that did within 30 seconds.
 */
export interface RevocationSpread {
  badge_id: BadgeId;
  venue_id: VenueId;
  version: Version;
  gates: Gates;
  reached: Reached;
  slowest_ms: SlowestMs;
  silent: Silent;
  [k: string]: unknown;
}
}

export namespace access_SeatsAllocated_v1 {
export type ZoneId = string;
export type VenueId = string;
export type DelegationId = string;
export type Seats = number | null;

/**
 * How many of a delegation may be in a zone at a time; null: as the zone says for everybody.
 */
export interface SeatsAllocated {
  zone_id: ZoneId;
  venue_id: VenueId;
  delegation_id: DelegationId;
  seats: Seats;
  [k: string]: unknown;
}
}

export namespace access_SessionCancelled_v1 {
export type SessionId = string;
export type VenueId = string;
export type ZoneId = string;

/**
 * A session does not take place; its rights are gone.
 */
export interface SessionCancelled {
  session_id: SessionId;
  venue_id: VenueId;
  zone_id: ZoneId;
  [k: string]: unknown;
}
}

export namespace access_SessionScheduled_v1 {
export type SessionId = string;
export type VenueId = string;
export type ZoneId = string;
export type En = string;
export type Fr = string;
export type Vi = string;
export type StartsAt = string;
export type EndsAt = string;
export type DoorsMinutes = number;
export type Categories = string[];
export type Delegations = string[];
export type People = string[];
export type Moved = boolean;

/**
 * A session as it is planned now, in full. Whoever a list names may enter the zone while it is on.
 */
export interface SessionScheduled {
  session_id: SessionId;
  venue_id: VenueId;
  zone_id: ZoneId;
  titles: Names;
  starts_at: StartsAt;
  ends_at: EndsAt;
  doors_minutes: DoorsMinutes;
  categories: Categories;
  delegations: Delegations;
  people: People;
  moved: Moved;
  [k: string]: unknown;
}
/**
 * What something is called, in the languages notices and screens are written in.
 */
export interface Names {
  en: En;
  fr: Fr;
  vi: Vi;
  [k: string]: unknown;
}
}

export namespace access_StaleDataAdmitted_v1 {
export type ScanId = string;
export type VenueId = string;
export type GateId = string;
export type ZoneId = string;
export type AgeS = number;
export type LimitS = number;

/**
 * A scanner on its own admitted on data older than the zone allows.
 */
export interface StaleDataAdmitted {
  scan_id: ScanId;
  venue_id: VenueId;
  gate_id: GateId;
  zone_id: ZoneId;
  age_s: AgeS;
  limit_s: LimitS;
  [k: string]: unknown;
}
}

export namespace access_ThreatLevelSet_v1 {
export type VenueId = string;
export type Level = number;
export type Reason = string;

/**
 * From 0, nothing special, to 7. Whoever's clearance is lower does not enter.
 */
export interface ThreatLevelSet {
  venue_id: VenueId;
  level: Level;
  reason: Reason;
  [k: string]: unknown;
}
}

export namespace access_WatchedPersonSeen_v1 {
export type ScanId = string;
export type VenueId = string;
export type GateId = string;
export type ZoneId = string;
export type PersonId = string;
export type Outcome = "block" | "hold" | "notice";

/**
 * A person on the watchlist was scanned. ``hold``: the gate shows an ordinary delay.
 */
export interface WatchedPersonSeen {
  scan_id: ScanId;
  venue_id: VenueId;
  gate_id: GateId;
  zone_id: ZoneId;
  person_id: PersonId;
  outcome: Outcome;
  [k: string]: unknown;
}
}

export namespace access_ZoneCapacityEased_v1 {
export type ZoneId = string;
export type VenueId = string;
export type En = string;
export type Fr = string;
export type Vi = string;
export type Count = number;
export type Capacity = number | null;

/**
 * A zone that was nearly full is not any more.
 */
export interface ZoneCapacityEased {
  zone_id: ZoneId;
  venue_id: VenueId;
  names: Names;
  occupancy: Occupancy;
  [k: string]: unknown;
}
/**
 * What something is called, in the languages notices and screens are written in.
 */
export interface Names {
  en: En;
  fr: Fr;
  vi: Vi;
  [k: string]: unknown;
}
/**
 * People believed inside a zone, and how many it holds; ``capacity`` null: no limit.
 */
export interface Occupancy {
  count: Count;
  capacity?: Capacity;
  [k: string]: unknown;
}
}

export namespace access_ZoneCapacityReached_v1 {
export type ZoneId = string;
export type VenueId = string;
export type En = string;
export type Fr = string;
export type Vi = string;
export type Count = number;
export type Capacity = number | null;

/**
 * A zone is full: whoever comes now waits outside, until it has room again.
 */
export interface ZoneCapacityReached {
  zone_id: ZoneId;
  venue_id: VenueId;
  names: Names;
  occupancy: Occupancy;
  [k: string]: unknown;
}
/**
 * What something is called, in the languages notices and screens are written in.
 */
export interface Names {
  en: En;
  fr: Fr;
  vi: Vi;
  [k: string]: unknown;
}
/**
 * People believed inside a zone, and how many it holds; ``capacity`` null: no limit.
 */
export interface Occupancy {
  count: Count;
  capacity?: Capacity;
  [k: string]: unknown;
}
}

export namespace access_ZoneCapacityRestored_v1 {
export type ZoneId = string;
export type VenueId = string;
export type En = string;
export type Fr = string;
export type Vi = string;
export type Count = number;
export type Capacity = number | null;

/**
 * A zone that was full has room again: 95 % or less, or no limit any more. Nor is it nearly full, until told so.
 */
export interface ZoneCapacityRestored {
  zone_id: ZoneId;
  venue_id: VenueId;
  names: Names;
  occupancy: Occupancy;
  [k: string]: unknown;
}
/**
 * What something is called, in the languages notices and screens are written in.
 */
export interface Names {
  en: En;
  fr: Fr;
  vi: Vi;
  [k: string]: unknown;
}
/**
 * People believed inside a zone, and how many it holds; ``capacity`` null: no limit.
 */
export interface Occupancy {
  count: Count;
  capacity?: Capacity;
  [k: string]: unknown;
}
}

export namespace access_ZoneCapacityWarned_v1 {
export type ZoneId = string;
export type VenueId = string;
export type En = string;
export type Fr = string;
export type Vi = string;
export type Count = number;
export type Capacity = number | null;

/**
 * A zone is nearly full: nine tenths of its capacity, unless it says otherwise.
 */
export interface ZoneCapacityWarned {
  zone_id: ZoneId;
  venue_id: VenueId;
  names: Names;
  occupancy: Occupancy;
  [k: string]: unknown;
}
/**
 * What something is called, in the languages notices and screens are written in.
 */
export interface Names {
  en: En;
  fr: Fr;
  vi: Vi;
  [k: string]: unknown;
}
/**
 * People believed inside a zone, and how many it holds; ``capacity`` null: no limit.
 */
export interface Occupancy {
  count: Count;
  capacity?: Capacity;
  [k: string]: unknown;
}
}

export namespace access_ZoneDefined_v1 {
export type ZoneId = string;
export type VenueId = string;
export type Area = string;
export type En = string;
export type Fr = string;
export type Vi = string;
export type ParentId = string | null;
export type Capacity = number | null;
export type ZoneClass = "open" | "controlled" | "exclusive" | "medical";
export type Passback = ("none" | "soft" | "hard" | "timed") | null;
export type BySession = boolean;
export type Seats = number | null;

/**
 * A zone exists, or was changed, as described here in full.
 */
export interface ZoneDefined {
  zone_id: ZoneId;
  venue_id: VenueId;
  area: Area;
  names: Names;
  parent_id: ParentId;
  capacity: Capacity;
  zone_class: ZoneClass;
  passback?: Passback;
  by_session?: BySession;
  seats?: Seats;
  [k: string]: unknown;
}
/**
 * What something is called, in the languages notices and screens are written in.
 */
export interface Names {
  en: En;
  fr: Fr;
  vi: Vi;
  [k: string]: unknown;
}
}

export namespace access_ZoneRetired_v1 {
export type ZoneId = string;
export type VenueId = string;

/**
 * A zone is not one any more.
 */
export interface ZoneRetired {
  zone_id: ZoneId;
  venue_id: VenueId;
  [k: string]: unknown;
}
}

export namespace accreditation_AccreditationGranted_v1 {
export type NominationId = string;
export type PersonId = string;
export type DelegationId = string;
export type Category = string;
export type Areas = string[];
export type ValidFrom = string;
export type ValidUntil = string;

/**
 * A person may come, for these areas and this time. No badge exists yet.
 */
export interface AccreditationGranted {
  nomination_id: NominationId;
  person_id: PersonId;
  delegation_id: DelegationId;
  category: Category;
  areas: Areas;
  valid_from: ValidFrom;
  valid_until: ValidUntil;
  [k: string]: unknown;
}
}

export namespace accreditation_AccreditationRefused_v1 {
export type NominationId = string;
export type PersonId = string;
export type DelegationId = string;

/**
 * A person may not come. The ground stays with the authority that knows it.
 */
export interface AccreditationRefused {
  nomination_id: NominationId;
  person_id: PersonId;
  delegation_id: DelegationId;
  [k: string]: unknown;
}
}

export namespace accreditation_BadgeActivated_v1 {
export type BadgeId = string;
export type Version = number;
export type PersonId = string;

/**
 * The holder showed who they are and took the badge: this version opens gates from now on.
 */
export interface BadgeActivated {
  badge_id: BadgeId;
  version: Version;
  person_id: PersonId;
  [k: string]: unknown;
}
}

export namespace accreditation_BadgeIssued_v1 {
export type BadgeId = string;
export type Version = number;
export type NominationId = string;
export type PersonId = string;
export type DelegationId = string;
export type Category = string;
export type Areas = string[];
export type ValidFrom = string;
export type ValidUntil = string;

/**
 * A badge was made, version 1. It opens nothing until it is activated at hand-over.
 */
export interface BadgeIssued {
  badge_id: BadgeId;
  version: Version;
  nomination_id: NominationId;
  person_id: PersonId;
  delegation_id: DelegationId;
  category: Category;
  areas: Areas;
  valid_from: ValidFrom;
  valid_until: ValidUntil;
  [k: string]: unknown;
}
}

export namespace accreditation_BadgeReinstated_v1 {
export type BadgeId = string;
export type PersonId = string;

/**
 * The suspension is over.
 */
export interface BadgeReinstated {
  badge_id: BadgeId;
  person_id: PersonId;
  [k: string]: unknown;
}
}

export namespace accreditation_BadgeReplaced_v1 {
export type BadgeId = string;
export type Version = number;
export type PersonId = string;

/**
 * A new version was made; every earlier one is superseded. The new one awaits activation.
 */
export interface BadgeReplaced {
  badge_id: BadgeId;
  version: Version;
  person_id: PersonId;
  [k: string]: unknown;
}
}

export namespace accreditation_BadgeReportedLost_v1 {
export type BadgeId = string;
export type Version = number;
export type PersonId = string;
export type DelegationId = string;
export type Stolen = boolean;

/**
 * The badge is not with its holder: no gate opens to this version any more.
 */
export interface BadgeReportedLost {
  badge_id: BadgeId;
  version: Version;
  person_id: PersonId;
  delegation_id: DelegationId;
  stolen?: Stolen;
  [k: string]: unknown;
}
}

export namespace accreditation_BadgeRevoked_v1 {
export type BadgeId = string;
export type PersonId = string;
export type DelegationId = string;
export type Reason = string;

/**
 * The badge is dead for good, every version of it.
 */
export interface BadgeRevoked {
  badge_id: BadgeId;
  person_id: PersonId;
  delegation_id: DelegationId;
  reason: Reason;
  [k: string]: unknown;
}
}

export namespace accreditation_BadgeSuspended_v1 {
export type BadgeId = string;
export type PersonId = string;
export type Reason = string;

/**
 * The badge opens nothing until it is reinstated.
 */
export interface BadgeSuspended {
  badge_id: BadgeId;
  person_id: PersonId;
  reason: Reason;
  [k: string]: unknown;
}
}

export namespace accreditation_DelegateNominated_v1 {
export type NominationId = string;
export type PersonId = string;
export type DelegationId = string;
export type Category = string;

/**
 * A delegation named a person for a category, within its quota.
 */
export interface DelegateNominated {
  nomination_id: NominationId;
  person_id: PersonId;
  delegation_id: DelegationId;
  category: Category;
  [k: string]: unknown;
}
}

export namespace accreditation_DelegationConfirmed_v1 {
export type DelegationId = string;
export type Kind = "state" | "observer" | "reio" | "un" | "igo" | "ngo" | "media" | "host" | "exhibitor";
export type NoteVerbale = string;

/**
 * The delegation said by note verbale that it comes.
 */
export interface DelegationConfirmed {
  delegation_id: DelegationId;
  kind: Kind;
  note_verbale: NoteVerbale;
  [k: string]: unknown;
}
}

export namespace accreditation_DelegationInvited_v1 {
export type DelegationId = string;
export type Kind = "state" | "observer" | "reio" | "un" | "igo" | "ngo" | "media" | "host" | "exhibitor";
export type En = string;
export type Fr = string;
export type Vi = string;
export type Language = "en" | "fr" | "vi";

/**
 * The host asked a state or body to come.
 */
export interface DelegationInvited {
  delegation_id: DelegationId;
  kind: Kind;
  names: Names;
  language: Language;
  [k: string]: unknown;
}
/**
 * What something is called, in the languages notices and screens are written in.
 */
export interface Names {
  en: En;
  fr: Fr;
  vi: Vi;
  [k: string]: unknown;
}
}

export namespace accreditation_IssuerKeyPublished_v1 {
export type KeyId = string;
export type Algorithm = "Ed25519";
export type PublicKey = string;

/**
 * A key that signs badges; gates trust it from now on.
 */
export interface IssuerKeyPublished {
  key_id: KeyId;
  algorithm: Algorithm;
  public_key: PublicKey;
  [k: string]: unknown;
}
}

export namespace accreditation_PersonalDataErased_v1 {
export type PersonId = string;

/**
 * What was known of a person is gone; whoever cached any of it forgets it now.
 */
export interface PersonalDataErased {
  person_id: PersonId;
  [k: string]: unknown;
}
}

export namespace notifications_NoticeFailed_v1 {
export type NoticeId = string;
export type SourceEventId = string;
export type Template = string;
export type Channel = "email";
export type Language = "en" | "fr" | "vi";
export type Attempts = number;
export type Reason = string;

/**
 * The notice was given up: somebody should reach the recipient by other means.
 */
export interface NoticeFailed {
  notice_id: NoticeId;
  source_event_id: SourceEventId;
  template: Template;
  channel: Channel;
  language: Language;
  attempts: Attempts;
  reason: Reason;
  [k: string]: unknown;
}
}

export namespace notifications_NoticeSent_v1 {
export type NoticeId = string;
export type SourceEventId = string;
export type Template = string;
export type Channel = "email";
export type Language = "en" | "fr" | "vi";
export type Attempts = number;

/**
 * A mail server accepted the notice.
 */
export interface NoticeSent {
  notice_id: NoticeId;
  source_event_id: SourceEventId;
  template: Template;
  channel: Channel;
  language: Language;
  attempts: Attempts;
  [k: string]: unknown;
}
}

export namespace operations_DiscreetIncidentChanged_v1 {
export type IncidentId = string;
export type Number = number;
export type Kind =
  | "silent_gate"
  | "zone_full"
  | "denied_vip"
  | "double_entry"
  | "admitted_after_revocation"
  | "stale_data"
  | "relay_lag"
  | "dead_letter"
  | "service_down"
  | "duress"
  | "watched_person"
  | "lost_badge"
  | "device_clock"
  | "override_unreviewed"
  | "journal_disputed"
  | "evacuation"
  | "lockdown"
  | "tailgating"
  | "medical"
  | "suspicious_item"
  | "intruder"
  | "protest"
  | "credential_outage"
  | "network_loss"
  | "wrong_data"
  | "other";
export type Severity = number;
export type State =
  | "reported"
  | "triaged"
  | "assigned"
  | "acknowledged"
  | "in_progress"
  | "contained"
  | "resolved"
  | "verified"
  | "closed";
export type Escalated = number;
export type ZoneId = string | null;
export type GateId = string | null;
export type People = string[];
export type Badges = string[];
export type RaisedBy = "person" | "rule";
export type Assignee = string | null;
export type Repeats = number;
export type Change =
  | "reported"
  | "triaged"
  | "assigned"
  | "acknowledged"
  | "escalated"
  | "contained"
  | "resolved"
  | "closed"
  | "reopened"
  | "merged";

/**
 * Any of these, of an incident that only few may know of.
 */
export interface DiscreetIncidentChanged {
  incident_id: IncidentId;
  number: Number;
  kind: Kind;
  severity: Severity;
  state: State;
  escalated: Escalated;
  zone_id: ZoneId;
  gate_id: GateId;
  people: People;
  badges: Badges;
  raised_by: RaisedBy;
  assignee: Assignee;
  repeats: Repeats;
  change: Change;
  [k: string]: unknown;
}
}

export namespace operations_IncidentAcknowledged_v1 {
export type IncidentId = string;
export type Number = number;
export type Kind =
  | "silent_gate"
  | "zone_full"
  | "denied_vip"
  | "double_entry"
  | "admitted_after_revocation"
  | "stale_data"
  | "relay_lag"
  | "dead_letter"
  | "service_down"
  | "duress"
  | "watched_person"
  | "lost_badge"
  | "device_clock"
  | "override_unreviewed"
  | "journal_disputed"
  | "evacuation"
  | "lockdown"
  | "tailgating"
  | "medical"
  | "suspicious_item"
  | "intruder"
  | "protest"
  | "credential_outage"
  | "network_loss"
  | "wrong_data"
  | "other";
export type Severity = number;
export type State =
  | "reported"
  | "triaged"
  | "assigned"
  | "acknowledged"
  | "in_progress"
  | "contained"
  | "resolved"
  | "verified"
  | "closed";
export type Escalated = number;
export type ZoneId = string | null;
export type GateId = string | null;
export type People = string[];
export type Badges = string[];
export type RaisedBy = "person" | "rule";
export type Assignee = string | null;
export type Repeats = number;

/**
 * Somebody has taken it on.
 */
export interface IncidentAcknowledged {
  incident_id: IncidentId;
  number: Number;
  kind: Kind;
  severity: Severity;
  state: State;
  escalated: Escalated;
  zone_id: ZoneId;
  gate_id: GateId;
  people: People;
  badges: Badges;
  raised_by: RaisedBy;
  assignee: Assignee;
  repeats: Repeats;
  [k: string]: unknown;
}
}

export namespace operations_IncidentAssigned_v1 {
export type IncidentId = string;
export type Number = number;
export type Kind =
  | "silent_gate"
  | "zone_full"
  | "denied_vip"
  | "double_entry"
  | "admitted_after_revocation"
  | "stale_data"
  | "relay_lag"
  | "dead_letter"
  | "service_down"
  | "duress"
  | "watched_person"
  | "lost_badge"
  | "device_clock"
  | "override_unreviewed"
  | "journal_disputed"
  | "evacuation"
  | "lockdown"
  | "tailgating"
  | "medical"
  | "suspicious_item"
  | "intruder"
  | "protest"
  | "credential_outage"
  | "network_loss"
  | "wrong_data"
  | "other";
export type Severity = number;
export type State =
  | "reported"
  | "triaged"
  | "assigned"
  | "acknowledged"
  | "in_progress"
  | "contained"
  | "resolved"
  | "verified"
  | "closed";
export type Escalated = number;
export type ZoneId = string | null;
export type GateId = string | null;
export type People = string[];
export type Badges = string[];
export type RaisedBy = "person" | "rule";
export type Assignee = string | null;
export type Repeats = number;

/**
 * It is somebody's to deal with, who has yet to acknowledge it.
 */
export interface IncidentAssigned {
  incident_id: IncidentId;
  number: Number;
  kind: Kind;
  severity: Severity;
  state: State;
  escalated: Escalated;
  zone_id: ZoneId;
  gate_id: GateId;
  people: People;
  badges: Badges;
  raised_by: RaisedBy;
  assignee: Assignee;
  repeats: Repeats;
  [k: string]: unknown;
}
}

export namespace operations_IncidentClosed_v1 {
export type IncidentId = string;
export type Number = number;
export type Kind =
  | "silent_gate"
  | "zone_full"
  | "denied_vip"
  | "double_entry"
  | "admitted_after_revocation"
  | "stale_data"
  | "relay_lag"
  | "dead_letter"
  | "service_down"
  | "duress"
  | "watched_person"
  | "lost_badge"
  | "device_clock"
  | "override_unreviewed"
  | "journal_disputed"
  | "evacuation"
  | "lockdown"
  | "tailgating"
  | "medical"
  | "suspicious_item"
  | "intruder"
  | "protest"
  | "credential_outage"
  | "network_loss"
  | "wrong_data"
  | "other";
export type Severity = number;
export type State =
  | "reported"
  | "triaged"
  | "assigned"
  | "acknowledged"
  | "in_progress"
  | "contained"
  | "resolved"
  | "verified"
  | "closed";
export type Escalated = number;
export type ZoneId = string | null;
export type GateId = string | null;
export type People = string[];
export type Badges = string[];
export type RaisedBy = "person" | "rule";
export type Assignee = string | null;
export type Repeats = number;

/**
 * Nothing is left to do.
 */
export interface IncidentClosed {
  incident_id: IncidentId;
  number: Number;
  kind: Kind;
  severity: Severity;
  state: State;
  escalated: Escalated;
  zone_id: ZoneId;
  gate_id: GateId;
  people: People;
  badges: Badges;
  raised_by: RaisedBy;
  assignee: Assignee;
  repeats: Repeats;
  [k: string]: unknown;
}
}

export namespace operations_IncidentContained_v1 {
export type IncidentId = string;
export type Number = number;
export type Kind =
  | "silent_gate"
  | "zone_full"
  | "denied_vip"
  | "double_entry"
  | "admitted_after_revocation"
  | "stale_data"
  | "relay_lag"
  | "dead_letter"
  | "service_down"
  | "duress"
  | "watched_person"
  | "lost_badge"
  | "device_clock"
  | "override_unreviewed"
  | "journal_disputed"
  | "evacuation"
  | "lockdown"
  | "tailgating"
  | "medical"
  | "suspicious_item"
  | "intruder"
  | "protest"
  | "credential_outage"
  | "network_loss"
  | "wrong_data"
  | "other";
export type Severity = number;
export type State =
  | "reported"
  | "triaged"
  | "assigned"
  | "acknowledged"
  | "in_progress"
  | "contained"
  | "resolved"
  | "verified"
  | "closed";
export type Escalated = number;
export type ZoneId = string | null;
export type GateId = string | null;
export type People = string[];
export type Badges = string[];
export type RaisedBy = "person" | "rule";
export type Assignee = string | null;
export type Repeats = number;

/**
 * It spreads no further.
 */
export interface IncidentContained {
  incident_id: IncidentId;
  number: Number;
  kind: Kind;
  severity: Severity;
  state: State;
  escalated: Escalated;
  zone_id: ZoneId;
  gate_id: GateId;
  people: People;
  badges: Badges;
  raised_by: RaisedBy;
  assignee: Assignee;
  repeats: Repeats;
  [k: string]: unknown;
}
}

export namespace operations_IncidentEscalated_v1 {
export type IncidentId = string;
export type Number = number;
export type Kind =
  | "silent_gate"
  | "zone_full"
  | "denied_vip"
  | "double_entry"
  | "admitted_after_revocation"
  | "stale_data"
  | "relay_lag"
  | "dead_letter"
  | "service_down"
  | "duress"
  | "watched_person"
  | "lost_badge"
  | "device_clock"
  | "override_unreviewed"
  | "journal_disputed"
  | "evacuation"
  | "lockdown"
  | "tailgating"
  | "medical"
  | "suspicious_item"
  | "intruder"
  | "protest"
  | "credential_outage"
  | "network_loss"
  | "wrong_data"
  | "other";
export type Severity = number;
export type State =
  | "reported"
  | "triaged"
  | "assigned"
  | "acknowledged"
  | "in_progress"
  | "contained"
  | "resolved"
  | "verified"
  | "closed";
export type Escalated = number;
export type ZoneId = string | null;
export type GateId = string | null;
export type People = string[];
export type Badges = string[];
export type RaisedBy = "person" | "rule";
export type Assignee = string | null;
export type Repeats = number;
export type OnTime = boolean;

/**
 * Somebody higher must know: the clock ran out, or somebody asks for them.
 */
export interface IncidentEscalated {
  incident_id: IncidentId;
  number: Number;
  kind: Kind;
  severity: Severity;
  state: State;
  escalated: Escalated;
  zone_id: ZoneId;
  gate_id: GateId;
  people: People;
  badges: Badges;
  raised_by: RaisedBy;
  assignee: Assignee;
  repeats: Repeats;
  on_time: OnTime;
  [k: string]: unknown;
}
}

export namespace operations_IncidentMerged_v1 {
export type IncidentId = string;
export type Number = number;
export type Kind =
  | "silent_gate"
  | "zone_full"
  | "denied_vip"
  | "double_entry"
  | "admitted_after_revocation"
  | "stale_data"
  | "relay_lag"
  | "dead_letter"
  | "service_down"
  | "duress"
  | "watched_person"
  | "lost_badge"
  | "device_clock"
  | "override_unreviewed"
  | "journal_disputed"
  | "evacuation"
  | "lockdown"
  | "tailgating"
  | "medical"
  | "suspicious_item"
  | "intruder"
  | "protest"
  | "credential_outage"
  | "network_loss"
  | "wrong_data"
  | "other";
export type Severity = number;
export type State =
  | "reported"
  | "triaged"
  | "assigned"
  | "acknowledged"
  | "in_progress"
  | "contained"
  | "resolved"
  | "verified"
  | "closed";
export type Escalated = number;
export type ZoneId = string | null;
export type GateId = string | null;
export type People = string[];
export type Badges = string[];
export type RaisedBy = "person" | "rule";
export type Assignee = string | null;
export type Repeats = number;
export type MergedInto = string;

/**
 * It is part of an earlier one.
 */
export interface IncidentMerged {
  incident_id: IncidentId;
  number: Number;
  kind: Kind;
  severity: Severity;
  state: State;
  escalated: Escalated;
  zone_id: ZoneId;
  gate_id: GateId;
  people: People;
  badges: Badges;
  raised_by: RaisedBy;
  assignee: Assignee;
  repeats: Repeats;
  merged_into: MergedInto;
  [k: string]: unknown;
}
}

export namespace operations_IncidentReopened_v1 {
export type IncidentId = string;
export type Number = number;
export type Kind =
  | "silent_gate"
  | "zone_full"
  | "denied_vip"
  | "double_entry"
  | "admitted_after_revocation"
  | "stale_data"
  | "relay_lag"
  | "dead_letter"
  | "service_down"
  | "duress"
  | "watched_person"
  | "lost_badge"
  | "device_clock"
  | "override_unreviewed"
  | "journal_disputed"
  | "evacuation"
  | "lockdown"
  | "tailgating"
  | "medical"
  | "suspicious_item"
  | "intruder"
  | "protest"
  | "credential_outage"
  | "network_loss"
  | "wrong_data"
  | "other";
export type Severity = number;
export type State =
  | "reported"
  | "triaged"
  | "assigned"
  | "acknowledged"
  | "in_progress"
  | "contained"
  | "resolved"
  | "verified"
  | "closed";
export type Escalated = number;
export type ZoneId = string | null;
export type GateId = string | null;
export type People = string[];
export type Badges = string[];
export type RaisedBy = "person" | "rule";
export type Assignee = string | null;
export type Repeats = number;

/**
 * It was not over after all.
 */
export interface IncidentReopened {
  incident_id: IncidentId;
  number: Number;
  kind: Kind;
  severity: Severity;
  state: State;
  escalated: Escalated;
  zone_id: ZoneId;
  gate_id: GateId;
  people: People;
  badges: Badges;
  raised_by: RaisedBy;
  assignee: Assignee;
  repeats: Repeats;
  [k: string]: unknown;
}
}

export namespace operations_IncidentReported_v1 {
export type IncidentId = string;
export type Number = number;
export type Kind =
  | "silent_gate"
  | "zone_full"
  | "denied_vip"
  | "double_entry"
  | "admitted_after_revocation"
  | "stale_data"
  | "relay_lag"
  | "dead_letter"
  | "service_down"
  | "duress"
  | "watched_person"
  | "lost_badge"
  | "device_clock"
  | "override_unreviewed"
  | "journal_disputed"
  | "evacuation"
  | "lockdown"
  | "tailgating"
  | "medical"
  | "suspicious_item"
  | "intruder"
  | "protest"
  | "credential_outage"
  | "network_loss"
  | "wrong_data"
  | "other";
export type Severity = number;
export type State =
  | "reported"
  | "triaged"
  | "assigned"
  | "acknowledged"
  | "in_progress"
  | "contained"
  | "resolved"
  | "verified"
  | "closed";
export type Escalated = number;
export type ZoneId = string | null;
export type GateId = string | null;
export type People = string[];
export type Badges = string[];
export type RaisedBy = "person" | "rule";
export type Assignee = string | null;
export type Repeats = number;

/**
 * Somebody, or a rule, says that something is wrong.
 */
export interface IncidentReported {
  incident_id: IncidentId;
  number: Number;
  kind: Kind;
  severity: Severity;
  state: State;
  escalated: Escalated;
  zone_id: ZoneId;
  gate_id: GateId;
  people: People;
  badges: Badges;
  raised_by: RaisedBy;
  assignee: Assignee;
  repeats: Repeats;
  [k: string]: unknown;
}
}

export namespace operations_IncidentResolved_v1 {
export type IncidentId = string;
export type Number = number;
export type Kind =
  | "silent_gate"
  | "zone_full"
  | "denied_vip"
  | "double_entry"
  | "admitted_after_revocation"
  | "stale_data"
  | "relay_lag"
  | "dead_letter"
  | "service_down"
  | "duress"
  | "watched_person"
  | "lost_badge"
  | "device_clock"
  | "override_unreviewed"
  | "journal_disputed"
  | "evacuation"
  | "lockdown"
  | "tailgating"
  | "medical"
  | "suspicious_item"
  | "intruder"
  | "protest"
  | "credential_outage"
  | "network_loss"
  | "wrong_data"
  | "other";
export type Severity = number;
export type State =
  | "reported"
  | "triaged"
  | "assigned"
  | "acknowledged"
  | "in_progress"
  | "contained"
  | "resolved"
  | "verified"
  | "closed";
export type Escalated = number;
export type ZoneId = string | null;
export type GateId = string | null;
export type People = string[];
export type Badges = string[];
export type RaisedBy = "person" | "rule";
export type Assignee = string | null;
export type Repeats = number;

/**
 * It is dealt with, or its cause is over.
 */
export interface IncidentResolved {
  incident_id: IncidentId;
  number: Number;
  kind: Kind;
  severity: Severity;
  state: State;
  escalated: Escalated;
  zone_id: ZoneId;
  gate_id: GateId;
  people: People;
  badges: Badges;
  raised_by: RaisedBy;
  assignee: Assignee;
  repeats: Repeats;
  [k: string]: unknown;
}
}

export namespace operations_IncidentTriaged_v1 {
export type IncidentId = string;
export type Number = number;
export type Kind =
  | "silent_gate"
  | "zone_full"
  | "denied_vip"
  | "double_entry"
  | "admitted_after_revocation"
  | "stale_data"
  | "relay_lag"
  | "dead_letter"
  | "service_down"
  | "duress"
  | "watched_person"
  | "lost_badge"
  | "device_clock"
  | "override_unreviewed"
  | "journal_disputed"
  | "evacuation"
  | "lockdown"
  | "tailgating"
  | "medical"
  | "suspicious_item"
  | "intruder"
  | "protest"
  | "credential_outage"
  | "network_loss"
  | "wrong_data"
  | "other";
export type Severity = number;
export type State =
  | "reported"
  | "triaged"
  | "assigned"
  | "acknowledged"
  | "in_progress"
  | "contained"
  | "resolved"
  | "verified"
  | "closed";
export type Escalated = number;
export type ZoneId = string | null;
export type GateId = string | null;
export type People = string[];
export type Badges = string[];
export type RaisedBy = "person" | "rule";
export type Assignee = string | null;
export type Repeats = number;
export type WasSeverity = number;

/**
 * Somebody has judged how bad it is.
 */
export interface IncidentTriaged {
  incident_id: IncidentId;
  number: Number;
  kind: Kind;
  severity: Severity;
  state: State;
  escalated: Escalated;
  zone_id: ZoneId;
  gate_id: GateId;
  people: People;
  badges: Badges;
  raised_by: RaisedBy;
  assignee: Assignee;
  repeats: Repeats;
  was_severity: WasSeverity;
  [k: string]: unknown;
}
}

export namespace operations_ShiftHandedOver_v1 {
export type HandoverId = string;
export type Outgoing = string;
export type Incoming = string;
export type Accepted = number;
export type Kept = number;

/**
 * Another officer is on duty in the operations room.
 */
export interface ShiftHandedOver {
  handover_id: HandoverId;
  outgoing: Outgoing;
  incoming: Incoming;
  accepted: Accepted;
  kept: Kept;
  [k: string]: unknown;
}
}

/** Every shared event by its CloudEvents type. */
export interface Events {
  "placet.access.AdmittedAfterRevocation.v1": access_AdmittedAfterRevocation_v1.AdmittedAfterRevocation;
  "placet.access.AllClearGiven.v1": access_AllClearGiven_v1.AllClearGiven;
  "placet.access.BadgeScanned.v1": access_BadgeScanned_v1.BadgeScanned;
  "placet.access.ClockSuspected.v1": access_ClockSuspected_v1.ClockSuspected;
  "placet.access.DeviceCutOff.v1": access_DeviceCutOff_v1.DeviceCutOff;
  "placet.access.DeviceEnrolled.v1": access_DeviceEnrolled_v1.DeviceEnrolled;
  "placet.access.DeviceFellSilent.v1": access_DeviceFellSilent_v1.DeviceFellSilent;
  "placet.access.DeviceMoved.v1": access_DeviceMoved_v1.DeviceMoved;
  "placet.access.DeviceReported.v1": access_DeviceReported_v1.DeviceReported;
  "placet.access.DoubleEntryDetected.v1": access_DoubleEntryDetected_v1.DoubleEntryDetected;
  "placet.access.DuressSignalled.v1": access_DuressSignalled_v1.DuressSignalled;
  "placet.access.EntryOverridden.v1": access_EntryOverridden_v1.EntryOverridden;
  "placet.access.EvacuationOrdered.v1": access_EvacuationOrdered_v1.EvacuationOrdered;
  "placet.access.ExitsInferred.v1": access_ExitsInferred_v1.ExitsInferred;
  "placet.access.GateDefined.v1": access_GateDefined_v1.GateDefined;
  "placet.access.GateRetired.v1": access_GateRetired_v1.GateRetired;
  "placet.access.InspectionFailed.v1": access_InspectionFailed_v1.InspectionFailed;
  "placet.access.InspectionPassed.v1": access_InspectionPassed_v1.InspectionPassed;
  "placet.access.JournalEntryDisputed.v1": access_JournalEntryDisputed_v1.JournalEntryDisputed;
  "placet.access.JournalUploaded.v1": access_JournalUploaded_v1.JournalUploaded;
  "placet.access.LockdownDeclared.v1": access_LockdownDeclared_v1.LockdownDeclared;
  "placet.access.LockdownLifted.v1": access_LockdownLifted_v1.LockdownLifted;
  "placet.access.MusterReconciled.v1": access_MusterReconciled_v1.MusterReconciled;
  "placet.access.OccupancyCorrected.v1": access_OccupancyCorrected_v1.OccupancyCorrected;
  "placet.access.OverlayAllocated.v1": access_OverlayAllocated_v1.OverlayAllocated;
  "placet.access.OverlayCancelled.v1": access_OverlayCancelled_v1.OverlayCancelled;
  "placet.access.OverlayHandedOver.v1": access_OverlayHandedOver_v1.OverlayHandedOver;
  "placet.access.OverrideRequested.v1": access_OverrideRequested_v1.OverrideRequested;
  "placet.access.OverrideReviewed.v1": access_OverrideReviewed_v1.OverrideReviewed;
  "placet.access.PartyDissolved.v1": access_PartyDissolved_v1.PartyDissolved;
  "placet.access.PartyFormed.v1": access_PartyFormed_v1.PartyFormed;
  "placet.access.PartyScanned.v1": access_PartyScanned_v1.PartyScanned;
  "placet.access.PassageUndone.v1": access_PassageUndone_v1.PassageUndone;
  "placet.access.PassbackForgiven.v1": access_PassbackForgiven_v1.PassbackForgiven;
  "placet.access.PersonMustered.v1": access_PersonMustered_v1.PersonMustered;
  "placet.access.PolicyApplied.v1": access_PolicyApplied_v1.PolicyApplied;
  "placet.access.RevocationSpread.v1": access_RevocationSpread_v1.RevocationSpread;
  "placet.access.SeatsAllocated.v1": access_SeatsAllocated_v1.SeatsAllocated;
  "placet.access.SessionCancelled.v1": access_SessionCancelled_v1.SessionCancelled;
  "placet.access.SessionScheduled.v1": access_SessionScheduled_v1.SessionScheduled;
  "placet.access.StaleDataAdmitted.v1": access_StaleDataAdmitted_v1.StaleDataAdmitted;
  "placet.access.ThreatLevelSet.v1": access_ThreatLevelSet_v1.ThreatLevelSet;
  "placet.access.WatchedPersonSeen.v1": access_WatchedPersonSeen_v1.WatchedPersonSeen;
  "placet.access.ZoneCapacityEased.v1": access_ZoneCapacityEased_v1.ZoneCapacityEased;
  "placet.access.ZoneCapacityReached.v1": access_ZoneCapacityReached_v1.ZoneCapacityReached;
  "placet.access.ZoneCapacityRestored.v1": access_ZoneCapacityRestored_v1.ZoneCapacityRestored;
  "placet.access.ZoneCapacityWarned.v1": access_ZoneCapacityWarned_v1.ZoneCapacityWarned;
  "placet.access.ZoneDefined.v1": access_ZoneDefined_v1.ZoneDefined;
  "placet.access.ZoneRetired.v1": access_ZoneRetired_v1.ZoneRetired;
  "placet.accreditation.AccreditationGranted.v1": accreditation_AccreditationGranted_v1.AccreditationGranted;
  "placet.accreditation.AccreditationRefused.v1": accreditation_AccreditationRefused_v1.AccreditationRefused;
  "placet.accreditation.BadgeActivated.v1": accreditation_BadgeActivated_v1.BadgeActivated;
  "placet.accreditation.BadgeIssued.v1": accreditation_BadgeIssued_v1.BadgeIssued;
  "placet.accreditation.BadgeReinstated.v1": accreditation_BadgeReinstated_v1.BadgeReinstated;
  "placet.accreditation.BadgeReplaced.v1": accreditation_BadgeReplaced_v1.BadgeReplaced;
  "placet.accreditation.BadgeReportedLost.v1": accreditation_BadgeReportedLost_v1.BadgeReportedLost;
  "placet.accreditation.BadgeRevoked.v1": accreditation_BadgeRevoked_v1.BadgeRevoked;
  "placet.accreditation.BadgeSuspended.v1": accreditation_BadgeSuspended_v1.BadgeSuspended;
  "placet.accreditation.DelegateNominated.v1": accreditation_DelegateNominated_v1.DelegateNominated;
  "placet.accreditation.DelegationConfirmed.v1": accreditation_DelegationConfirmed_v1.DelegationConfirmed;
  "placet.accreditation.DelegationInvited.v1": accreditation_DelegationInvited_v1.DelegationInvited;
  "placet.accreditation.IssuerKeyPublished.v1": accreditation_IssuerKeyPublished_v1.IssuerKeyPublished;
  "placet.accreditation.PersonalDataErased.v1": accreditation_PersonalDataErased_v1.PersonalDataErased;
  "placet.notifications.NoticeFailed.v1": notifications_NoticeFailed_v1.NoticeFailed;
  "placet.notifications.NoticeSent.v1": notifications_NoticeSent_v1.NoticeSent;
  "placet.operations.DiscreetIncidentChanged.v1": operations_DiscreetIncidentChanged_v1.DiscreetIncidentChanged;
  "placet.operations.IncidentAcknowledged.v1": operations_IncidentAcknowledged_v1.IncidentAcknowledged;
  "placet.operations.IncidentAssigned.v1": operations_IncidentAssigned_v1.IncidentAssigned;
  "placet.operations.IncidentClosed.v1": operations_IncidentClosed_v1.IncidentClosed;
  "placet.operations.IncidentContained.v1": operations_IncidentContained_v1.IncidentContained;
  "placet.operations.IncidentEscalated.v1": operations_IncidentEscalated_v1.IncidentEscalated;
  "placet.operations.IncidentMerged.v1": operations_IncidentMerged_v1.IncidentMerged;
  "placet.operations.IncidentReopened.v1": operations_IncidentReopened_v1.IncidentReopened;
  "placet.operations.IncidentReported.v1": operations_IncidentReported_v1.IncidentReported;
  "placet.operations.IncidentResolved.v1": operations_IncidentResolved_v1.IncidentResolved;
  "placet.operations.IncidentTriaged.v1": operations_IncidentTriaged_v1.IncidentTriaged;
  "placet.operations.ShiftHandedOver.v1": operations_ShiftHandedOver_v1.ShiftHandedOver;
}
