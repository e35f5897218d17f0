export default function Page() {
  return <p>delegation</p>;
}
