export default function Page() {
  return <p>shift</p>;
}
