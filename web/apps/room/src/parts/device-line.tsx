// One scanner: what is wrong with it in words, and what it said of itself last.
import { dateTime, duration, number, percent, say, time } from "@placet/kit/language.ts";
import { Chip, type ChipKind } from "@placet/kit/ui/chip.tsx";
import { Icon, type IconName } from "@placet/kit/ui/icon.tsx";
import { short } from "../people.ts";
import type { Device } from "../picture.ts";
import { now } from "../store.ts";
import { type Trouble, troubles } from "./fleet.ts";

const LOOKS: Readonly<Record<Trouble, { kind: ChipKind; icon: IconName }>> = {
  silent: { kind: "full", icon: "device" },
  revocations: { kind: "full", icon: "nearly" },
  policy: { kind: "nearly", icon: "nearly" },
  clock: { kind: "nearly", icon: "quiet" },
  queue: { kind: "nearly", icon: "up" },
  battery: { kind: "nearly", icon: "nearly" },
};

export function DeviceLine({ device }: { device: Device }) {
  const wrong = troubles(device);
  return (
    <li class={`device${wrong.includes("silent") ? " silent" : ""}`} data-device={device.device_id}>
      <h3 title={device.device_id}>
        <Icon name="device" /> <span class="unseen">{say("gates.device")} </span>
        <span class="mono">{short(device.device_id)}</span>
      </h3>
      <p class="chips">
        {device.cut_off && <Chip icon="close">{say("gates.cutOff")}</Chip>}
        {wrong.map((one) => (
          <Chip key={one} {...LOOKS[one]}>
            {say(`gates.trouble.${one}`)}
          </Chip>
        ))}
        {!device.cut_off && !wrong.length && (
          <Chip kind="fine" icon="fine">
            {say("gates.well")}
          </Chip>
        )}
      </p>
      <dl>
        <Fact name="heard" title={device.heard_at ? time(device.heard_at, SECONDS) : undefined}>
          {device.heard_at ? heardAgo(device.heard_at) : say("gates.neverHeard")}
        </Fact>
        <Fact name="battery">{device.battery === null ? "–" : percent(device.battery)}</Fact>
        <Fact name="queue">{number(device.queue)}</Fact>
        <Fact name="skew">{device.skew_s === null ? "–" : skew(device.skew_s)}</Fact>
        <Fact name="policy">{version(device.policy_version)}</Fact>
        <Fact name="revocations">{version(device.revocation_version)}</Fact>
        <Fact name="software">{device.software ?? "–"}</Fact>
      </dl>
    </li>
  );
}

const SECONDS = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;

function Fact({ name, title, children }: { name: string; title?: string | undefined; children: string }) {
  return (
    <div data-fact={name}>
      <dt>{say(`gates.fact.${name}`)}</dt>
      <dd title={title}>
        <bdi>{children}</bdi>
      </dd>
    </div>
  );
}

function heardAgo(at: string): string {
  const seconds = (now.value.getTime() - Date.parse(at)) / 1000;
  if (seconds < 10) return say("age.now");
  return seconds < 86_400 ? say("age.ago", { time: duration(seconds) }) : dateTime(at);
}

// A version is a name made of digits: it is not divided into thousands.
function version(value: number | null): string {
  return value === null ? "–" : String(value);
}

function skew(seconds: number): string {
  return number(seconds, { style: "unit", unit: "second", signDisplay: "exceptZero", maximumFractionDigits: 1 });
}
