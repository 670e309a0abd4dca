r"""One point of the optimal face, the same whatever solver found the face: compiled kernels.

All optima of a circulation differ by cycles of open arcs, those whose reduced profit is zero. Both rules walk through
the face in an order of service and never take back what was given:

``first_come``
    obligations are served in their order; each gets as much as it can while those before it keep theirs, that is, the
    settled amounts are the lexicographic maximum over the face;
``pro_rata``
    class by class, all open pairs rise together, :math:`x_e\ge\lfloor a_e s/2^b\rfloor` for :math:`s=0,1,\dots`;
    a pair that cannot rise stays and the others go on: the settled shares are max-min fair to the minor unit. A step
    that not all can make is made one by one in the order of the codes.

Either point is unique because each step maximises one number over a polytope whose corners are whole. Raising arc
:math:`(u,v)` needs a residual path from :math:`v` to :math:`u`, sought from both ends by turns. Where there is none,
the nodes reached by the side that ended first are cut off from the rest for good: nothing ever crosses the cut again.
So at most :math:`n` searches fail, and each is paid by the smaller side. Many steps are tried at once; only a failing
one is halved, so that a million obligations cost little more than reading them.
"""

# ruff: noqa: PLR0917 -- kernels take plain arrays

from typing import NamedTuple, TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from dostastyq.payments.circulation import Indices, Integers, Network

Booleans: TypeAlias = npt.NDArray[np.bool_]

FINE = 8192
"""Open pairs up to which shares are equal to the minor unit; above, in steps of `COARSE` bits."""
COARSE = 4
STRIDE = 8
"""Arcs that one side of a search looks at before it is the other's turn."""
REPAIRS = 50
"""Hops that a walk mends before it gives up."""
SEARCHES = 200
"""Paths that walks have missed after which all hops are made anew."""


class Ends(NamedTuple):
    """A `Network` as kernels take it: nothing is copied."""

    debtor: Indices
    creditor: Indices
    capacity: Integers
    debit: Integers
    credit: Integers


class Graph(NamedTuple):
    """Open arcs of the face and what the searches need; arcs of the node S come last."""

    tail: Indices
    head: Indices
    x: Integers
    low: Integers
    cap: Integers
    start: Integers
    live: Integers
    adjacent: Indices
    part: Indices
    parts: Integers
    seen: Integers
    via: Indices
    queue: Indices
    stamp: Integers
    far: Integers
    hop: Indices


@numba.njit(cache=True)
def _relax(
    net: Ends, flow: Integers, position: Integers, weight: Integers, arcs: Booleans, banks: Booleans, p: Integers
) -> bool:
    """Longest residual paths to the source; False when a cycle of profit is left."""
    source = len(p) - 1
    for _ in range(len(p) + 1):
        changed = False
        for arc in range(len(flow)):
            if not arcs[arc]:
                continue
            u, v, w = net.debtor[arc], net.creditor[arc], weight[arc]
            if flow[arc] < net.capacity[arc] and w + p[v] > p[u]:
                p[u] = w + p[v]
                changed = True
            if flow[arc] > 0 and p[u] - w > p[v]:
                p[v] = p[u] - w
                changed = True
        for bank in range(source):
            if not banks[bank]:
                continue
            if -position[bank] < net.debit[bank] and p[bank] > p[source]:
                p[source] = p[bank]
                changed = True
            if -position[bank] > -net.credit[bank] and p[source] > p[bank]:
                p[bank] = p[source]
                changed = True
        if p[source] > 0:
            return False
        if not changed:
            return True
    return False


def potentials(net: Network, flow: Integers, weight: Integers, arcs: Booleans, banks: Booleans) -> Integers | None:
    """Worth of one more unit of liquidity at each bank, shape (n,); None when the flow is not optimal.

    It is the largest profit of a residual path to S over open arcs, the right-hand derivative of the optimum in the
    bank's own limit. A bank that no path leaves gets a number below every path's.
    """
    n = net.banks
    worth = np.full(n + 1, -(n + 1) * max(int(weight.max(initial=0)), 1), np.int64)
    worth[n] = 0
    ends = Ends(net.debtor, net.creditor, net.capacity, net.debit, net.credit)
    return worth[:n] if _relax(ends, flow, net.net(flow), weight, arcs, banks, worth) else None


@numba.njit(cache=True)
def _scan(graph: Graph, side: int, node: int, position: int, end: int) -> tuple[int, int, int]:
    """Look at a few live arcs of a node; return where to go on, the end of the queue, and where both sides met."""
    n = len(graph.part)
    stamp = graph.stamp[0]
    stop = position + STRIDE
    while position < graph.live[node] and position < stop:
        arc = graph.adjacent[position]
        forward = graph.tail[arc] == node
        other = graph.head[arc] if forward else graph.tail[arc]
        if graph.part[other] != graph.part[node]:
            graph.live[node] -= 1
            last = graph.live[node]
            graph.adjacent[position], graph.adjacent[last] = graph.adjacent[last], arc
            continue
        position += 1
        if graph.seen[side * n + other] == stamp:
            continue
        rises = forward if side == 0 else not forward
        if (graph.x[arc] >= graph.cap[arc]) if rises else (graph.x[arc] <= graph.low[arc]):
            continue
        graph.seen[side * n + other] = stamp
        graph.via[side * n + other] = arc
        if graph.seen[(1 - side) * n + other] == stamp:
            return position, end, other
        graph.queue[side * n + end] = other
        end += 1
    return position, end, -1


@numba.njit(cache=True)
def _search(graph: Graph, begin: int, goal: int) -> tuple[int, int, int]:
    """Node where the searches from both ends meet, or -1 with the side that ended and how many nodes it reached."""
    n = len(graph.part)
    graph.stamp[0] += 1
    stamp = graph.stamp[0]
    graph.seen[begin], graph.seen[n + goal] = stamp, stamp
    graph.queue[0], graph.queue[n] = begin, goal
    first = [0, 0]
    end = [1, 1]
    position = [graph.start[begin], graph.start[goal]]
    side = 1
    while True:
        side = 1 - side
        node = graph.queue[side * n + first[side]]
        while position[side] >= graph.live[node]:
            first[side] += 1
            if first[side] == end[side]:
                return -1, side, end[side]
            node = graph.queue[side * n + first[side]]
            position[side] = graph.start[node]
        position[side], end[side], met = _scan(graph, side, node, position[side], end[side])
        if met >= 0:
            return met, 0, 0


@numba.njit(cache=True)
def _leads(graph: Graph, side: int, node: int, arc: int) -> tuple[int, bool]:
    """Node at the other end of an arc, and whether money can move that way: from `node` on side 0, to it on side 1."""
    forward = graph.tail[arc] == node
    other = graph.head[arc] if forward else graph.tail[arc]
    rises = forward if side == 0 else not forward
    return other, (graph.x[arc] < graph.cap[arc]) if rises else (graph.x[arc] > graph.low[arc])


@numba.njit(cache=True)
def _guide(graph: Graph) -> None:
    """Set the hops of every node towards S (side 0) and from S (side 1), nearest first."""
    n = len(graph.part)
    graph.far[:] = n
    for side in range(2):
        graph.far[side * n + n - 1] = 0
        graph.queue[0] = n - 1
        first, end = 0, 1
        while first < end:
            node = graph.queue[first]
            first += 1
            for position in range(graph.start[node], graph.live[node]):
                arc = graph.adjacent[position]
                other, opened = _leads(graph, 1 - side, node, arc)
                if opened and graph.far[side * n + other] == n and graph.part[other] == graph.part[node]:
                    graph.far[side * n + other] = graph.far[side * n + node] + 1
                    graph.hop[side * n + other] = arc
                    graph.queue[end] = other
                    end += 1


@numba.njit(cache=True)
def _mend(graph: Graph, side: int, node: int) -> None:
    """Find the hop of a node again."""
    n = len(graph.part)
    best = n
    for position in range(graph.start[node], graph.live[node]):
        arc = graph.adjacent[position]
        other, opened = _leads(graph, side, node, arc)
        if opened and graph.far[side * n + other] < best - 1 and graph.part[other] == graph.part[node]:
            best = graph.far[side * n + other] + 1
            graph.hop[side * n + node] = arc
    graph.far[side * n + node] = best


@numba.njit(cache=True)
def _walk(graph: Graph, begin: int, goal: int) -> int:
    """Follow the hops to S and from S; return the node where both ways meet, or -1 when hops are lost.

    A quick try only: the hops need not be the shortest, and what they miss is left to the search.
    """
    n = len(graph.part)
    graph.stamp[0] += 1
    stamp, repairs = graph.stamp[0], 0
    for side in range(2):
        origin = begin if side == 0 else goal
        node = origin
        graph.seen[side * n + origin] = stamp
        while node != n - 1 and not (side == 1 and graph.seen[node] == stamp):
            if graph.far[side * n + node] >= n:
                return -1
            arc = graph.hop[side * n + node]
            other, opened = _leads(graph, side, node, arc)
            nearer = graph.far[side * n + other] < graph.far[side * n + node]
            if opened and nearer and graph.part[other] == graph.part[node]:
                graph.via[side * n + other] = arc
                if side == 0:
                    graph.seen[other] = stamp
                node = other
                continue
            repairs += 1
            if repairs > REPAIRS:
                return -1
            _mend(graph, side, node)
            if side == 0:
                graph.stamp[0] += 1
                stamp = graph.stamp[0]
                graph.seen[origin] = stamp
            node = origin
    return node


@numba.njit(cache=True)
def _push(graph: Graph, begin: int, met: int, goal: int, wanted: int) -> int:
    """Send up to `wanted` along the path that was found; return how much went."""
    n = len(graph.part)
    sent = wanted
    for commit in (False, True):
        node = met
        while node != begin:
            arc = graph.via[node]
            rises = graph.head[arc] == node
            if commit:
                graph.x[arc] += sent if rises else -sent
            else:
                sent = min(sent, graph.cap[arc] - graph.x[arc] if rises else graph.x[arc] - graph.low[arc])
            node = graph.tail[arc] if rises else graph.head[arc]
        node = met
        while node != goal:
            arc = graph.via[n + node]
            rises = graph.tail[arc] == node
            if commit:
                graph.x[arc] += sent if rises else -sent
            else:
                sent = min(sent, graph.cap[arc] - graph.x[arc] if rises else graph.x[arc] - graph.low[arc])
            node = graph.head[arc] if rises else graph.tail[arc]
    return sent


@numba.njit(cache=True)
def _raise(graph: Graph, arc: int, goal: int, final: bool) -> bool:
    """Bring an arc to `goal` while all lower bounds hold; when `final`, what cannot be reached is cut off."""
    u, v = graph.tail[arc], graph.head[arc]
    n = len(graph.part)
    while graph.x[arc] < goal:
        graph.low[arc] = graph.x[arc]
        if graph.part[u] != graph.part[v]:
            return False
        met, side, reached = _walk(graph, v, u), 0, 0
        if met < 0:
            met, side, reached = _search(graph, v, u)
            graph.stamp[1] += met >= 0
            if graph.stamp[1] == SEARCHES:
                graph.stamp[1] = 0
                _guide(graph)
                continue
        if met < 0:
            if final:
                graph.parts[0] += 1
                for k in range(reached):
                    graph.part[graph.queue[side * n + k]] = graph.parts[0]
            return False
        graph.x[arc] += _push(graph, v, met, u, goal - graph.x[arc])
    graph.low[arc] = goal
    return True


@numba.njit(cache=True)
def _first_come(graph: Graph, item_arc: Indices, amount: Integers) -> None:
    """Serve items in their order."""
    arcs = len(graph.tail)
    more, before = np.zeros(arcs, np.int64), np.zeros(arcs, np.int64)
    touched = np.empty(arcs, np.int64)
    position, size = 0, 1
    while position < len(item_arc):
        end, count, all_served = min(position + size, len(item_arc)), 0, True
        for item in range(position, end):
            arc = item_arc[item]
            if arc < 0 or graph.part[graph.tail[arc]] != graph.part[graph.head[arc]]:
                continue
            if more[arc] == 0:
                touched[count], before[arc] = arc, graph.low[arc]
                count += 1
            more[arc] += amount[item]
        single = end - position == 1
        for k in range(count):
            arc = touched[k]
            if not _raise(graph, arc, before[arc] + more[arc], single):
                all_served = False
                break
        for k in range(count):
            if not all_served and not single:
                graph.low[touched[k]] = before[touched[k]]
            more[touched[k]] = 0
        if all_served or single:
            position, size = end, size * 2 if all_served else 1
        else:
            size = (end - position) // 2


@numba.njit(cache=True)
def _share(amount: int, step: int, bits: int) -> np.int64:
    """floor(amount * step / 2**bits) by way of a product of 128 bits; both factors are at most 2**62."""
    a, s, mask = np.uint64(amount), np.uint64(step), np.uint64(0xFFFFFFFF)
    half, b = np.uint64(32), np.uint64(bits)
    a1, a0, s1, s0 = a >> half, a & mask, s >> half, s & mask
    middle = a1 * s0 + ((a0 * s0) >> half)
    other = a0 * s1 + (middle & mask)
    high = a1 * s1 + (middle >> half) + (other >> half)
    low = (other << half) | ((a0 * s0) & mask)
    return np.int64((high << (np.uint64(64) - b)) | (low >> b))


@numba.njit(cache=True)
def _pro_rata(graph: Graph, arcs: Integers, bits: int) -> None:
    """Raise arcs of one class together, in 2**bits steps; those that are cut off stay."""
    top = 1 << bits
    before = np.empty(len(arcs), np.int64)
    turn = arcs.copy()  # whether all can rise does not depend on who is tried first: those that failed last
    done = 0
    while done < top:
        for b in range(bits, -1, -1):
            step = done + (1 << b)
            if step > top:
                continue
            tried = 0
            risen = True
            for k in range(len(arcs)):
                arc = turn[k]
                before[k] = graph.low[arc]
                tried = k + 1
                if graph.part[graph.tail[arc]] != graph.part[graph.head[arc]]:
                    continue
                if not _raise(graph, arc, max(_share(graph.cap[arc], step, bits), before[k]), False):
                    risen = False
                    break
            if risen:
                done = step
            else:
                for k in range(tried):
                    graph.low[turn[k]] = before[k]
                last = turn[tried - 1]
                turn[1:tried] = turn[: tried - 1].copy()
                turn[0] = last
        if done < top:
            done += 1
            for k in range(len(arcs)):
                arc = arcs[k]
                if graph.part[graph.tail[arc]] == graph.part[graph.head[arc]]:
                    _raise(graph, arc, max(_share(graph.cap[arc], done, bits), graph.low[arc]), True)


def canonical(
    net: Network,
    flow: Integers,
    arcs: Booleans,
    banks: Booleans,
    rule: str,
    items: tuple[Indices, Integers] | None,
) -> Integers:
    """Point of the optimal face that the rule picks, shape (E,).

    Parameters
    ----------
    net
        Merged obligations and limits; arcs of a class are in the order of the codes of their banks.
    flow
        Any optimum.
    arcs, banks
        Arcs and loans of S that are open, that is, not the same in all optima.
    rule
        ``"pro_rata"`` or ``"first_come"``.
    items
        For ``first_come``: arc and amount of every obligation in the order of service.
    """
    which = np.flatnonzero(arcs)
    if not len(which):
        return flow
    graph = _graph(net, flow, which, np.flatnonzero(banks).astype(np.int32))
    _guide(graph)
    if rule == "first_come":
        assert items is not None
        place = np.full(len(arcs), -1, np.int32)
        place[which] = np.arange(len(which), dtype=np.int32)
        _first_come(graph, place[items[0]], items[1])
    else:
        for level in np.unique(net.level[which]):
            members = np.flatnonzero(net.level[which] == level)
            largest = int(net.capacity[net.level == level].max())
            bits = largest.bit_length() if len(members) <= FINE else COARSE
            _pro_rata(graph, members, min(bits, 62))
    chosen = flow.copy()
    chosen[which] = graph.x[: len(which)]
    return chosen


def _graph(net: Network, flow: Integers, which: npt.NDArray[np.intp], lends: Indices) -> Graph:
    nodes, loans = net.banks + 1, len(lends)
    tail = np.concatenate((net.debtor[which], np.full(loans, net.banks, np.int32)))
    head = np.concatenate((net.creditor[which], lends))
    ends = np.concatenate((tail, head))
    order = np.lexsort((np.tile(np.arange(len(tail)) < len(which), 2), ends))  # S first: most paths lead through it
    bounds = np.searchsorted(ends[order], np.arange(nodes + 1))
    return Graph(
        tail=tail,
        head=head,
        x=np.concatenate((flow[which], -net.net(flow)[lends])),
        low=np.concatenate((np.zeros(len(which), np.int64), -net.credit[lends])),
        cap=np.concatenate((net.capacity[which], net.debit[lends])),
        start=bounds[:-1].astype(np.int64),
        live=bounds[1:].astype(np.int64),
        adjacent=(order % len(tail)).astype(np.int32),
        part=np.zeros(nodes, np.int32),
        parts=np.zeros(1, np.int64),
        seen=np.zeros(2 * nodes, np.int64),
        via=np.zeros(2 * nodes, np.int32),
        queue=np.zeros(2 * nodes, np.int32),
        stamp=np.zeros(2, np.int64),
        far=np.zeros(2 * nodes, np.int64),
        hop=np.zeros(2 * nodes, np.int32),
    )
