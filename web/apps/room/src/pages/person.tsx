export default function Page() {
  return <p>person</p>;
}
